import numpy as np
from scumble_glow.runtime import box_blur, screen


def test_a_flat_picture_stays_flat_when_blurred():
    flat = np.full((12, 10, 3), 0.25, np.float32)
    np.testing.assert_allclose(box_blur(flat, 3), flat, atol=1e-6)


def test_light_spills_as_far_as_the_radius():
    spot = np.zeros((21, 21, 1), np.float32)
    spot[10, 10] = 1.0
    blurred = box_blur(spot, 2)
    assert np.isclose(blurred.sum(), 1.0)
    assert blurred[8, 8, 0] > 0
    assert blurred[7, 10, 0] == 0


def test_a_glow_only_brightens():
    light = np.linspace(0, 1, 48, dtype=np.float32).reshape(4, 4, 3)
    glowing = screen(light, box_blur(light, 1), 0.5)
    assert (glowing >= np.rint(light * 255)).all()
    assert (screen(light, light, 0.0) == np.rint(light * 255)).all()
