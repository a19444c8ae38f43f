import pytest

from player.emotions import FEELINGS, MOOD7
from player.mood.llm.prompt import Prompt
from player.mood.llm.response import SCHEMA, BadAnswerError, MoodResponse, middle, parse
from tests.fakes.llm import said


def opinion(mood: str, valence: float, energy: float) -> MoodResponse:
    return MoodResponse(mood=mood, valence=valence, energy=energy)


@pytest.mark.parametrize(
    "text",
    [
        said("calm", 7, 2),
        said("calm", 7.0, 2.0),
        said(" Calm", 7, 2),
        f"```json\n{said('calm', 7, 2)}\n```",
        f"Here is the answer: {said('calm', 7, 2)} I hope it helps! {{}}",
        f"<think>Perhaps {said('sad', 1, 1)}? No.</think>\n{said('calm', 7, 2)}",
        '{"reason": "quiet", "mood": "calm", "valence": 7, "energy": 2}',
    ],
)
def test_an_answer_is_found_whatever_stands_around_it(text: str) -> None:
    assert parse(text) == opinion("calm", 7, 2)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "did not answer in JSON ('')"),
        ("The room is calm.", "did not answer in JSON ('The room is calm.')"),
        ('{"mood": "calm", "valence": 7, "ener', "did not answer in JSON"),
        ("[7, 2]", "did not answer in JSON"),
        ("{" * 100_000, "did not answer in JSON"),
        ('{"a":' * 100_000, "did not answer in JSON"),
        (said("cosy"), "gave a wrong mood ("),
        (said("nostalgic", 5, 5), "gave a wrong mood ("),
        (said(valence=0), "gave a wrong valence ("),
        (said(valence=9.5), "gave a wrong valence ("),
        (said(energy=10), "gave a wrong energy ("),
        (said(energy="7"), "gave a wrong energy ("),
        (said(energy=None), "gave a wrong energy ("),
        (said(valence=True), "gave a wrong valence ("),
        (said(valence=float("nan")), "gave a wrong valence ("),
        (said(valence=float("inf")), "gave a wrong valence ("),
        ('{"mood": "calm", "valence": 7}', "gave a wrong energy ("),
        ('{"mood": ["calm"], "valence": 7, "energy": 2}', "gave a wrong mood ("),
    ],
)
def test_an_answer_that_is_none_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(BadAnswerError) as caught:
        parse(text)
    assert complaint in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("mood7", MOOD7)
@pytest.mark.parametrize(("level", "place"), [(1, -1.0), (5, 0.0), (9, 1.0), (6, 0.25)])
def test_an_opinion_is_a_whole_mood(mood7: str, level: float, place: float) -> None:
    mood = opinion(mood7, level, 10 - level).as_mood()
    assert (mood.valence, mood.energy, mood.mood7) == (place, -place, mood7)
    assert list(mood.moods) == list(FEELINGS)
    assert sum(mood.moods.values()) == pytest.approx(1)
    assert min(mood.moods.values()) >= 0


def test_the_feelings_follow_both_the_point_and_the_word() -> None:
    assert opinion("calm", 7, 2).as_mood().name == "calm"
    assert opinion("happy", 8, 7).as_mood().name == "joyful"
    assert opinion("sad", 3, 3).as_mood().name == "sad"
    # The same place, another word.
    tender, cheerful = opinion("romantic", 7, 5).as_mood(), opinion("happy", 7, 5).as_mood()
    assert tender.moods["sensual"] > cheerful.moods["sensual"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([("calm", 7, 2)], ("calm", 7, 2)),
        ([("calm", 7, 2), ("calm", 8, 3), ("sad", 1, 9)], ("calm", 7, 3)),
        ([("calm", 6, 2), ("neutral", 5, 3)], ("calm", 5.5, 2.5)),
        # All differ: the mood goes with the opinion nearest to the medians, wherever it stands.
        ([("happy", 9, 9), ("sad", 1, 1), ("neutral", 5, 4)], ("neutral", 5, 4)),
        # Two against two, and one.
        (
            [("sad", 2, 2), ("calm", 6, 2), ("calm", 6, 3), ("sad", 3, 2), ("happy", 8, 6)],
            ("calm", 6, 2),
        ),
    ],
)
def test_several_opinions_come_to_one(
    given: list[tuple[str, float, float]], expected: tuple[str, float, float]
) -> None:
    assert middle([opinion(*one) for one in given]) == opinion(*expected)


def test_the_prompt_teaches_every_mood_by_example() -> None:
    prompt = Prompt()
    assert {shown.mood for _, shown in prompt.examples} == set(MOOD7)
    assert {shown.valence for _, shown in prompt.examples} >= {2, 5, 8}
    assert SCHEMA["properties"]["mood"]["enum"] == list(MOOD7)


def test_the_prompt_asks_with_examples_in_the_form_it_wants() -> None:
    prompt = Prompt()
    system, *shown, asked = prompt.messages("An empty café.")
    assert (system["role"], asked) == ("system", {"role": "user", "content": "An empty café."})
    assert all(word in system["content"] for word in (*MOOD7, "valence", "energy"))
    assert [message["role"] for message in shown] == ["user", "assistant"] * len(prompt.examples)
    assert [parse(answer["content"]) for answer in shown[1::2]] == [one for _, one in prompt.examples]


def test_the_decider_sees_the_sentence_and_every_answer() -> None:
    asked = Prompt().decision("An empty café.", [opinion("calm", 6, 2), opinion("sad", 3.5, 2)])
    sentence, _, *answers = asked[-1]["content"].splitlines()
    assert (sentence, answers) == ("An empty café.", [said("calm", 6, 2), said("sad", 3.5, 2)])


def test_all_requests_begin_alike() -> None:
    """A server on a small machine takes seconds for the beginning, and remembers it."""
    prompt = Prompt()
    asked = [prompt.messages("An empty café.", voice) for voice in range(len(prompt.voices))]
    asked += [prompt.messages("A full bar."), prompt.decision("A full bar.", [opinion("calm", 6, 2)])]
    assert all(one[:-1] == asked[0][:-1] for one in asked)
