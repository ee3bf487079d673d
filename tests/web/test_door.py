"""The door opens for those who may come in."""

from tests.builders import Office, sign_in


def test_everybody_lands_on_their_own_first_screen(app, client):
    office = Office()
    assert client.get("/work").status_code == 303
    sign_in(client, office.author)
    assert client.get("/work").status_code == 200
    assert client.get("/documents").status_code == 200
