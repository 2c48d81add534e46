"""Every command of `handeye`, grouped by what one does with it; light to import."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """One subcommand.

    Attributes:
        config: "module:dataclass" of its flags, under `handeye.experiments`; light to import.
        module: where its `run(config)` lives, under `handeye.experiments`.
        summary: one line for `handeye --help`.
        example: a call that works as it stands.
    """

    config: str
    module: str
    summary: str
    example: str


GROUPS: dict[str, dict[str, Command]] = {
    "simulate": {
        "collect": Command(
            "data.config:CollectConfig",
            "data.collect",
            "record episodes of the scripted oracles",
            "handeye collect --suite tabletop-core --episodes 2000 --workers 2 --seed 0 "
            "--output_dir data/core",
        ),
        "replay": Command(
            "data.config:ReplayConfig",
            "data.replay",
            "simulate recorded episodes again and compare them bit for bit",
            "handeye replay --dataset.root data/core --episodes 100",
        ),
        "bench": Command(
            "bench.config:BenchConfig",
            "bench.bench",
            "speed ratios measured on this machine",
            "handeye bench --result results/bench.json",
        ),
    },
    "learn": {
        "train": Command(
            "training.config:TrainConfig",
            "training.train",
            "train a policy from recorded episodes",
            "handeye train --preset nano --dataset.root data/core --steps 20000 --seed 0 "
            "--output_dir outputs/train/nano",
        ),
        "train-rl": Command(
            "rl.config:TrainRLConfig",
            "rl.train_rl",
            "train a policy by reinforcement with stable-baselines3",
            "handeye train-rl --algo sac --task reach --output_dir outputs/train/reach",
        ),
        "train-eyes": Command(
            "training.config:TrainEyesConfig",
            "training.train_eyes",
            "train the eyes of the tools from recorded tables and homes",
            "handeye train-eyes --tables data/core --homes data/rooms --steps 5000 "
            "--output_dir outputs/train/eyes",
        ),
        "train-planner": Command(
            "training.config:TrainPlannerConfig",
            "training.train_planner",
            "train the embedded language model on fresh planning traces",
            "handeye train-planner --steps 20000 --output_dir outputs/train/planner",
        ),
        "train-palm-e": Command(
            "training.config:TrainPalmEConfig",
            "training.train_palm_e",
            "train the planner whose sentences hold frames (for --agent palm-e)",
            "handeye train-palm-e --scenes 3000 --steps 3000 --output_dir outputs/train/palm-e",
        ),
        "train-affordances": Command(
            "training.config:TrainAffordancesConfig",
            "training.train_affordances",
            "learn from random calls how likely skills succeed (for --agent saycan)",
            "handeye train-affordances --episodes 800 --result outputs/affordance.json",
        ),
        "export-planner": Command(
            "training.config:ExportPlannerConfig",
            "training.export_planner",
            "write the embedded language model as GGUF, for llama.cpp",
            "handeye export-planner --result planner.gguf",
        ),
    },
    "judge": {
        "demo": Command(
            "config:DemoConfig",
            "demo",
            "judge the shipped policy in minutes: table, videos, report.html",
            "handeye demo --output_dir outputs/demo",
        ),
        "evaluate": Command(
            "evaluation.config:EvaluateConfig",
            "evaluation.evaluate",
            "success rates with intervals and a report for any policy or agent",
            "handeye evaluate --policy.path handeye-nano --suite tabletop-core --split seen "
            "--episodes 25 --seed 1000000 --workers 2 --output_dir outputs/eval/nano",
        ),
        "compare": Command(
            "comparison.config:CompareConfig",
            "comparison.compare",
            "which of two or more is better on the same episodes, and how sure that is",
            "handeye compare handeye-nano oracle --episodes 10 --output_dir outputs/compare",
        ),
        "audit": Command(
            "audit.config:AuditConfig",
            "audit.command",
            "whether a suite, a policy's score, a run or training data can be believed",
            "handeye audit --suite tabletop-core --output_dir outputs/audit",
        ),
        "evaluate-eyes": Command(
            "evaluation.config:EvaluateEyesConfig",
            "evaluation.evaluate_eyes",
            "how well eyes find, answer and check, with intervals",
            "handeye evaluate-eyes --eyes handeye-eyes --frames 300 --result results/eyes.json",
        ),
        "score": Command(
            "scores.config:ScoreConfig",
            "scores.command",
            "what a family of models says about frames: answers, places, captions, search",
            "handeye score --policy.path outputs/train/kosmos2 --vl data/vl-judged "
            "--result results/scores.json",
        ),
        "safety": Command(
            "safety.config:SafetyConfig",
            "safety.command",
            "judge the gate: forbidden calls, hazards beside safe twins, orders in the scene",
            "handeye safety --output_dir outputs/safety",
        ),
    },
    "act": {
        "agent": Command(
            "config:AgentConfig",
            "run_agent",
            "carry out an instruction with tools: live, as a page and as a video",
            "handeye agent --task put_in --output_dir outputs/agent",
        ),
        "mcp": Command(
            "config:McpConfig",
            "run_mcp",
            "let any client of the Model Context Protocol drive the robot",
            "handeye mcp --task stack --http 127.0.0.1:8000",
        ),
        "voyager": Command(
            "config:VoyagerConfig",
            "run_voyager",
            "learn skills by trying tasks: programs, kept when they hold in new scenes",
            "handeye voyager --rounds 16 --output_dir outputs/voyager",
        ),
    },
    "look": {
        "list": Command(
            "config:ListConfig",
            "list_suites",
            "suites, tasks, splits, policies, planner styles and presets",
            "handeye list",
        ),
        "doctor": Command(
            "config:DoctorConfig",
            "doctor",
            "what works on this machine, and the remedy for what does not",
            "handeye doctor",
        ),
        "page": Command(
            "reports.config:PageConfig",
            "reports.transcript_page",
            "a page to read of any transcript, of a killed run too",
            "handeye page outputs/eval/agent --failed",
        ),
    },
}
COMMANDS: dict[str, Command] = {
    name: command for group in GROUPS.values() for name, command in group.items()
}
