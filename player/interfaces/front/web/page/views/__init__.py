"""One module for each view of the page: what it shows, and its routes."""

from player.interfaces.front.web.page.views import (
    day,
    help,
    library,
    now,
    people,
    photo,
    rules,
    screen,
    setup,
)

VIEWS = tuple(view.router for view in (now, photo, day, library, rules, setup, people, help, screen))
