"""Plans by skills: finds or writes a program, runs it, verifies itself, and writes a better one.

Wang et al. 2023, arXiv:2305.16291. What is new and has verified itself is offered for admission by
`learned`; whether it enters the library is decided elsewhere, by held-out scenes.
"""

from collections.abc import Sequence

from handeye.agents.core.conversation import ToolCall, ToolSpec, Usage
from handeye.agents.core.planner import Done, Step
from handeye.agents.planners.program_writers import ProgramWriter, WrittenSkill
from handeye.agents.planners.skill_library import Skill, SkillLibrary

DRAFTS = 4  # So many programs are tried for one instruction.
PROGRAM_TOOL, VERIFY_TOOL = "run_program", "verify"


class VoyagerPlanner:
    """Retrieves, writes, runs and verifies.

    Args:
        writer: of programs.
        library: of skills that it may use.
        only: the one skill it may use, to try it.

    Attributes:
        learned: the skill that has verified itself on this instruction and is not in the library.
    """

    def __init__(
        self, writer: ProgramWriter, library: SkillLibrary, only: Skill | None = None
    ) -> None:
        self._writer, self._library, self._only = writer, library, only
        self.planner_id = f"voyager, programs by {writer.writer_id}"
        self.learned: Skill | None = None

    @property
    def usage(self) -> Usage:
        """Tokens of the writer since the last reset."""
        now = self._writer.usage
        return Usage(
            now.input_tokens - self._before.input_tokens,
            now.output_tokens - self._before.output_tokens,
        )

    def reset(self, instruction: str, tools: Sequence[ToolSpec], seed: int) -> None:
        """Find what is known that may do."""
        self._before = self._writer.usage
        self._instruction = instruction
        self._tools = [spec for spec in tools if spec.name != PROGRAM_TOOL]
        self._names = {spec.name for spec in tools}
        self._known = [self._only] if self._only else self._library.similar(instruction)
        self._failures: list[str] = []
        self._draft: WrittenSkill | None = None
        self.learned = None

    def next_call(self, history: Sequence[Step]) -> ToolCall | Done:
        """Run a program, look whether it did what it should, claim; else try another.

        Raises:
            LanguageModelError: the writer's model could not be asked.
        """
        call_id = f"call_{len(history) + 1}"
        if self._draft is not None:
            call, result = history[-1]
            expected = self._draft.skill.expected(self._draft.arguments)
            if not result.ok:
                self._failures.append(result.reason)
            elif call.name == PROGRAM_TOOL and expected and VERIFY_TOOL in self._names:
                return ToolCall(VERIFY_TOOL, {"statement": expected}, call_id)
            else:
                self.learned = self.drafted
                return Done("success")
        return self._run_another(call_id)

    @property
    def drafted(self) -> Skill | None:
        """The skill that was run last, if it is a new one, verified or not."""
        skill = self._draft.skill if self._draft is not None else None
        known = skill is not None and self._library.skills.get(skill.name) == skill
        return None if known or skill == self._only else skill

    def _run_another(self, call_id: str) -> ToolCall | Done:
        """The next draft that can be run; drafts that cannot count among the failures."""
        while len(self._failures) < DRAFTS:
            draft = self._writer.write(self._instruction, self._tools, self._known, self._failures)
            if draft is None:
                return Done("cannot", "no program can be written for that")
            problem = draft.problem or draft.skill.mistake(self._names)
            if self._only and draft.skill != self._only:
                return Done("failure", f"{self._only.name} is not what this needs")
            if not problem:
                self._draft = draft
                return ToolCall(
                    PROGRAM_TOOL, {"source": draft.skill.bound(draft.arguments)}, call_id
                )
            self._failures.append(problem)
        return Done("failure", self._failures[-1])
