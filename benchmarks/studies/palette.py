"""Colours that people who confuse red and green tell apart, too: Okabe and Ito's, and two greys."""

BLACK, GREY, LIGHT_GREY = "#000000", "#767676", "#c8c8c8"
BLUE, SKY, GREEN = "#0072b2", "#56b4e9", "#009e73"
ORANGE, YELLOW, VERMILION, PURPLE = "#e69f00", "#f0e442", "#d55e00", "#cc79a7"
CYCLE = (BLUE, ORANGE, SKY, BLACK, VERMILION, PURPLE)
"""What is drawn first, second, and so on, where nothing has a colour of its own."""
