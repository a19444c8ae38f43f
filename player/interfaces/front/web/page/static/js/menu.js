// On a phone the menu is wider than the window: the view that is open stands in its middle.

const menu = document.querySelector(".bar nav");
const here = menu?.querySelector("[aria-current]");
if (here) menu.scrollLeft = here.offsetLeft - (menu.clientWidth - here.offsetWidth) / 2;
