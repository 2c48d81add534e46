class HomeRenderer:
    def __init__(self, scene, look):
        pass


def render_homes(renderers, poses, height_px=128, width_px=128, out=None):
    raise NotImplementedError
HOME_RENDERER_FINGERPRINT="x"
