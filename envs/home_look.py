DEFAULT_HOME_LOOK = None
HomeLook = object


def sample_home_look(rng, rooms, strength=1.0):
    return None
