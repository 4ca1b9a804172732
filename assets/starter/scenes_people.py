"""Drawn scenes with people in them. Each function paints one picture from nothing."""

from __future__ import annotations

import math

from drawing import Canvas
from PIL import Image

NIGHT, INK, SKIN = (18, 16, 38), (14, 13, 24), (214, 168, 138)
BROWN, DARK = (84, 50, 28), (34, 24, 22)
GOLD, CREAM = (236, 190, 84), (250, 244, 230)


def _beams(c: Canvas, colours: list[tuple[int, int, int]], floor: float) -> None:
    for i, colour in enumerate(colours):
        x = (i + 0.5) * c.width / len(colours)
        lean = (c.width / 2 - x) * 0.5
        c.polygon(
            [(x - 6, 0), (x + 6, 0), (x + lean + 70, floor), (x + lean - 70, floor)],
            (*colour, 85),
            7,
        )
        c.ellipse(x, 4, 16, 10, (*colour, 255), 3)


def band_stage() -> Image.Image:
    """Four musicians before a banner with the band's name."""
    c = Canvas(420, (26, 14, 58), (86, 30, 92))
    _beams(c, [(255, 90, 140), (90, 170, 255), (255, 200, 90), (120, 255, 210)], 330)
    c.rect(110, 48, 530, 122, (12, 8, 30, 190), 8)
    c.text(320, 85, "THE PAPER LANTERNS", 31, (255, 214, 140))
    for x in (60, 140, 500, 580):
        c.ellipse(x, 158, 22, 28, (255, 176, 84, 235), 1)
        c.line([(x, 0), (x, 132)], 1, (90, 70, 90))
    c.rect(0, 316, 640, 420, (10, 7, 20))
    for x, arms in ((150, "down"), (265, "right"), (390, "left"), (500, "down")):
        c.person(x, 330, 150, INK, (62, 40, 48), arms)
    c.line([(250, 262), (320, 240)], 9, (150, 70, 30))
    c.ellipse(256, 262, 20, 15, (150, 70, 30))
    c.ellipse(500, 292, 40, 30, (190, 40, 60))
    c.ellipse(500, 292, 32, 23, (240, 225, 215))
    c.ellipse(448, 262, 24, 6, GOLD)
    c.ellipse(552, 262, 24, 6, GOLD)
    c.crowd(378, (5, 4, 12))
    return c.finish()


def singer() -> Image.Image:
    """One singer in a spotlight, microphone in hand."""
    c = Canvas(440, (10, 12, 34), (34, 20, 66))
    c.polygon([(300, 0), (340, 0), (460, 400), (180, 400)], (255, 240, 200, 120), 8)
    c.ellipse(320, 392, 150, 24, (255, 236, 190, 170), 5)
    c.dots([(255, 255, 255, 150), (160, 190, 255, 150)], 90, 260, 2.5)
    c.rect(293, 140, 347, 196, BROWN, 20)
    c.person(320, 396, 280, (158, 28, 58), SKIN, "up", BROWN)
    c.polygon([(284, 262), (356, 262), (392, 384), (248, 384)], (158, 28, 58))
    c.line([(274, 88), (274, 62)], 7, (30, 30, 34))
    c.ellipse(274, 56, 10, 11, (120, 124, 134))
    c.crowd(404, (6, 6, 18))
    return c.finish()


def podium() -> Image.Image:
    """A speaker behind a lectern, three flags behind."""
    c = Canvas(420, (58, 74, 110), (28, 36, 62))
    for x, stripes in (
        (110, [(0, 102, 82), (250, 250, 250), (220, 60, 50)]),
        (320, [(20, 60, 140), (250, 205, 60), (20, 60, 140)]),
        (530, [(190, 30, 60), (250, 250, 250), (30, 50, 120)]),
    ):
        c.line([(x - 52, 30), (x - 52, 330)], 5, GOLD)
        for i, colour in enumerate(stripes):
            top = 40 + i * 40
            wave = [(x - 50 + j * 10, top + 6 * math.sin(j / 2)) for j in range(12)]
            c.polygon([*wave, *[(px, py + 41) for px, py in reversed(wave)]], colour)
    c.rect(0, 330, 640, 420, (66, 46, 40))
    c.person(320, 410, 250, (24, 28, 44), SKIN, "left", (96, 92, 96))
    c.polygon([(312, 214), (328, 214), (324, 262), (316, 262)], (180, 30, 40))
    c.polygon([(236, 284), (404, 284), (384, 420), (256, 420)], (120, 78, 46))
    c.rect(228, 272, 412, 290, (146, 98, 60), 4)
    c.text(320, 346, "VARGA\nPARLIAMENT", 17, CREAM)
    for x in (296, 344):
        c.line([(x, 272), (x + (320 - x) * 0.3, 246)], 3, (30, 30, 30))
    return c.finish()


def family() -> Image.Image:
    """Parents and two children as silhouettes on a beach at sunset."""
    c = Canvas(420, (252, 170, 92), (196, 78, 104))
    c.ellipse(420, 250, 62, 62, (255, 236, 170))
    c.ellipse(420, 250, 110, 110, (255, 226, 150, 70), 18)
    c.rect(0, 262, 640, 330, (122, 62, 112))
    for i in range(14):
        y, half = 268 + i * 4.4, 60 - i * 3
        c.line([(420 - half, y), (420 + half, y)], 1.6, (255, 210, 150, 170))
    c.polygon([(0, 322), (640, 310), (640, 420), (0, 420)], (70, 36, 62))
    shade = (30, 16, 34)
    c.person(200, 384, 200, shade, shade, "right")
    c.person(278, 386, 104, shade, shade, "down")
    c.person(346, 386, 84, shade, shade, "right")
    c.person(420, 384, 182, shade, shade, "left")
    c.polygon([(396, 272), (444, 272), (466, 350), (374, 350)], shade)
    return c.finish()


def twins() -> Image.Image:
    """Two children of one height in striped shirts, with balloons."""
    c = Canvas(420, (150, 208, 240), (232, 244, 250))
    c.rect(0, 340, 640, 420, (126, 184, 96))
    for x, y, colour in (
        (90, 90, (230, 80, 90)),
        (150, 60, (250, 190, 70)),
        (540, 80, (90, 130, 220)),
    ):
        c.line([(x, y + 38), (x + 8, 300)], 1.5, (120, 120, 130))
        c.ellipse(x, y, 30, 38, colour)
        c.ellipse(x - 9, y - 13, 8, 11, (255, 255, 255, 120), 2)
    for x, shirt, arms in ((250, (214, 70, 60), "right"), (390, (60, 110, 200), "left")):
        c.person(x, 372, 250, shirt, SKIN, arms, BROWN)
        for i in range(4):
            c.rect(x - 31, 186 + i * 18, x + 31, 193 + i * 18, (255, 255, 255, 200))
        c.rect(x - 33, 256, x + 33, 290, (50, 54, 90), 8)
        for side in (-1, 1):
            c.line([(x + side * 14, 274), (x + side * 19, 360)], 23, (50, 54, 90))
    return c.finish()


def graduation() -> Image.Image:
    """Graduates throw their caps before a college front."""
    c = Canvas(420, (120, 180, 232), (214, 234, 248))
    c.rect(90, 150, 550, 340, (206, 186, 156))
    c.polygon([(70, 152), (320, 70), (570, 152)], (180, 156, 124))
    c.text(320, 130, "HALDEN TECH", 19, (84, 62, 40))
    for x in range(125, 540, 65):
        c.rect(x - 9, 162, x + 9, 340, (234, 220, 196))
    c.rect(0, 338, 640, 420, (104, 152, 84))
    for i, x in enumerate((120, 220, 320, 420, 520)):
        c.person(
            x, 410, 190, (28, 30, 62), (SKIN, (120, 78, 54))[i % 2], "up", (BROWN, DARK)[i % 2]
        )
        c.polygon([(x - 26, 262), (x + 26, 262), (x + 40, 402), (x - 40, 402)], (28, 30, 62))
        cap_x, cap_y = x + (-20, 14, -6, 22, -12)[i], (62, 40, 26, 48, 70)[i]
        c.polygon(
            [(cap_x - 30, cap_y), (cap_x, cap_y - 12), (cap_x + 30, cap_y), (cap_x, cap_y + 12)],
            INK,
        )
        c.rect(cap_x - 13, cap_y + 4, cap_x + 13, cap_y + 16, INK, 3)
        c.line([(cap_x + 4, cap_y), (cap_x + 26, cap_y + 20)], 2, GOLD)
    return c.finish()


def pitch() -> Image.Image:
    """A football pitch at night: two players and the ball."""
    c = Canvas(420, (14, 22, 46), (30, 44, 72))
    for x in (90, 550):
        c.line([(x, 40), (x, 190)], 5, (70, 78, 96))
        c.ellipse(x, 38, 60, 34, (220, 235, 255, 150), 14)
        c.rect(x - 30, 26, x + 30, 50, (235, 242, 255), 4)
    c.rect(0, 128, 640, 190, (46, 52, 84))
    c.dots([(190, 60, 70), (240, 240, 240), (80, 110, 190)], 10, 120, 2)
    for i in range(220):
        x, y = c.random.uniform(0, 640), 134 + (i % 5) * 11
        c.ellipse(x, y, 4, 5, ((200, 70, 70), (232, 226, 220), (70, 90, 160))[i % 3])
    for i in range(6):
        y = 190 + i * i * 6.6
        c.rect(0, y, 640, y + 60 + i * 10, ((52, 134, 60), (62, 150, 68))[i % 2])
    c.line([(0, 204), (640, 204)], 3, (240, 250, 240))
    c.rect(250, 142, 390, 146, (250, 250, 250))
    c.line([(252, 144), (252, 206)], 4, (250, 250, 250))
    c.line([(388, 144), (388, 206)], 4, (250, 250, 250))
    c.person(210, 380, 200, (196, 34, 48), SKIN, "left", (196, 140, 70))
    c.text(210, 246, "9", 30, CREAM)
    c.person(410, 372, 190, (244, 244, 250), (122, 80, 56), "right", DARK)
    c.text(410, 246, "4", 28, (30, 40, 90))
    c.ellipse(300, 376, 15, 15, (250, 250, 250))
    c.polygon([(300, 368), (307, 373), (304, 381), (296, 381), (293, 373)], INK)
    return c.finish()


def tactics() -> Image.Image:
    """A coach points at a board with a drawn move."""
    c = Canvas(420, (196, 202, 210), (150, 158, 170))
    c.rect(40, 50, 420, 330, (90, 96, 104), 8)
    c.rect(50, 60, 410, 320, (36, 120, 74), 4)
    c.line([(230, 60), (230, 320)], 2, CREAM)
    c.ring(230, 190, 44, 2, CREAM)
    for x, y in ((100, 110), (110, 190), (100, 270), (180, 150), (180, 240)):
        c.text(x, y, "×", 30, (255, 236, 120))
    for x, y in ((340, 120), (350, 200), (330, 270), (270, 220)):
        c.ring(x, y, 11, 4, (255, 255, 255))
    c.line([(118, 190), (230, 130), (300, 160)], 4, (255, 120, 90))
    c.polygon([(316, 168), (292, 168), (304, 150)], (255, 120, 90))
    c.person(520, 412, 310, (40, 60, 120), SKIN, "left", (130, 126, 124))
    c.rect(494, 98, 546, 124, (190, 40, 50), 10)
    c.rect(474, 118, 530, 125, (190, 40, 50), 3)
    c.text(520, 236, "COACH", 15, CREAM)
    return c.finish()


def wedding() -> Image.Image:
    """A couple under an arch of flowers."""
    c = Canvas(430, (244, 226, 222), (250, 246, 238))
    c.rect(0, 346, 640, 430, (186, 206, 160))
    for i in range(46):
        angle = math.pi * i / 45
        x, y = 320 - 170 * math.cos(angle), 236 - 190 * math.sin(angle)
        tint = ((226, 120, 140), (250, 214, 210), (246, 240, 230), (122, 160, 104))[i % 4]
        c.ellipse(x + c.random.uniform(-8, 8), y + c.random.uniform(-8, 8), 18, 17, tint)
    for x in (150, 490):
        for i in range(9):
            tint = ((122, 160, 104), (226, 120, 140), (250, 214, 210))[i % 3]
            c.ellipse(x + c.random.uniform(-8, 8), 240 + i * 15, 17, 15, tint)
    c.person(274, 400, 236, (38, 42, 62), (176, 122, 90), "right", DARK)
    c.person(366, 400, 222, (255, 253, 248), SKIN, "left", (108, 62, 34))
    c.polygon([(346, 294), (386, 294), (430, 404), (302, 404)], (255, 253, 248))
    c.polygon([(372, 180), (388, 196), (418, 330), (384, 320)], (255, 255, 255, 150))
    c.ellipse(322, 226, 15, 13, (226, 90, 120))
    return c.finish()
