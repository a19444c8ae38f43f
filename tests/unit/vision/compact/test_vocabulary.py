"""The two data files hold together."""

from player.vision.compact.vocabulary import concepts, objects


def test_all_80_classes_of_coco_have_words() -> None:
    words = objects()
    assert len(words) == 80
    assert len({word.id for word in words.values()}) == 80
    assert words["person"].id == 1
    assert words["toothbrush"].id == 90
    assert {word.role for word in words.values()} == {"people", "animal", "thing", "wear"}


def test_whoever_can_be_on_a_thing_can_be_so_in_company() -> None:
    assert all(bool(word.on) == bool(word.all_on) for word in objects().values())


def test_a_class_of_imagenet_belongs_to_one_concept_at_most() -> None:
    numbers = [number for concept in concepts().values() for number in concept.classes]
    assert len(numbers) == len(set(numbers))
    assert min(numbers) >= 0
    assert max(numbers) <= 999


def test_every_concept_has_the_words_its_kind_needs() -> None:
    for name, concept in concepts().items():
        if concept.kind == "place":
            assert concept.where, name
            assert concept.view, name
        else:
            assert concept.kind in {"thing", "animal"}, name
            assert concept.thing, name


def test_ranges_are_inclusive() -> None:
    assert {151, 207, 268, 273} <= set(concepts()["dog"].classes)
    assert 269 not in concepts()["dog"].classes
