"""Towers: frames, videos, words and waveforms to tokens, by small networks or pretrained folders.

Vision towers keep the contract of `vision` and stand in `registry` by name: `patch_vit`,
`convolution` (with FiLM it is RT-1's), `pretrained_vision` (a transformers folder),
`efficientnet_lite`. Video towers keep that of `video`: `divided_attention`, `tubelets`,
`slow_fast`. `log_mel` makes pictures of sound, `audio` and `pretrained_audio` read them;
`pretrained_text` reads words. `frame_preparation` and `pretrained_folder` serve the pretrained.
"""

__all__ = [
    "audio",
    "log_mel",
    "pretrained_audio",
    "pretrained_text",
    "pretrained_vision",
    "registry",
    "video",
    "vision",
]
