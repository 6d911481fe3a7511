"""What is said of a measure."""

from edgent.accuracy.measures.sentence import measure_lines


def test_a_sentence_on_the_measure() -> None:
    """None on accuracy; one of a package that is not here is named all the same."""
    assert measure_lines("accuracy") == []
    assert measure_lines("closeness")[0].startswith("accuracy is measured by closeness (1 less the mean rel")
    assert measure_lines("of-a-package") == ["accuracy is measured by of-a-package"]
