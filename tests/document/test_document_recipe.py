from scumble.document.recipe import region_input


def test_a_region_is_kept_beside_the_other_inputs_under_a_name_of_its_own():
    names = [region_input(name) for name in ("sky", "mask", "region:sky")]
    assert len({"mask", *names}) == 4
    assert all(name.endswith(of) for name, of in zip(names, ("sky", "mask", "region:sky"), strict=True))
