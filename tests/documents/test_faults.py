"""How a fault says where it is."""

from station.domain.documents.faults import DocumentFaults, Fault, Place


def test_a_fault_of_a_table_of_rows_names_its_line() -> None:
    fault = Fault("metrc.csv", Place(key="Quantity"), '"25 oz"', "must be a number in ea", line=412)
    assert str(fault) == 'metrc.csv line 412 Quantity = "25 oz": must be a number in ea.'


def test_a_place_names_keys_and_items() -> None:
    place = Place(key="people").item(3).child("badges").item(0)
    assert str(place) == "people[3].badges[0]"
    assert str(Place("[broker]").child("tls").child("two words")) == '[broker] tls."two words"'
    assert Place(key="pin").concealed().child("x").hidden


def test_an_error_holds_its_faults_a_line_each() -> None:
    error = DocumentFaults([Fault("", Place(key="plan"), "", "missing", ending=""), "roster: is no text"])
    assert error.faults == ["plan: missing", "roster: is no text"]
    assert str(error) == "plan: missing\nroster: is no text"
