"""Drawn scenes of places, signs and things. Each function paints one picture from nothing."""

from __future__ import annotations

import math

from drawing import Canvas, Colour
from PIL import Image

INK, CREAM, GOLD = (20, 22, 32), (250, 246, 236), (236, 190, 84)


def province_map() -> Image.Image:
    """A map with sea, roads, a lake and two pins."""
    c = Canvas(430, (166, 208, 230), (140, 190, 218))
    land = [(0, 60), (120, 20), (300, 46), (470, 10), (640, 70), (640, 300), (520, 372), (380, 340)]
    c.polygon([*land, (240, 400), (90, 350), (0, 372)], (236, 232, 214))
    c.polygon([(330, 60), (600, 50), (620, 260), (470, 320), (350, 220)], (214, 226, 190))
    c.ellipse(460, 190, 74, 40, (150, 200, 226))
    c.ellipse(506, 210, 40, 26, (150, 200, 226))
    for road in (
        [(0, 250), (180, 220), (330, 280), (520, 300)],
        [(180, 40), (200, 220), (260, 390)],
    ):
        c.line(road, 8, (255, 255, 255))
        c.line(road, 4, (246, 190, 90))
    c.text(480, 118, "VARGA PROVINCE", 17, (90, 110, 70), "DejaVuSerif-Italic")
    c.text(470, 194, "Lake Ferrow", 15, (50, 100, 140), "DejaVuSerif-Italic")
    c.text(90, 398, "North Bay", 15, (60, 110, 150), "DejaVuSerif-Italic")
    for x, y, name in ((198, 214, "Oakmere"), (352, 276, "Dunhaven")):
        c.polygon([(x - 14, y - 34), (x + 14, y - 34), (x, y)], (206, 44, 52))
        c.ellipse(x, y - 38, 17, 17, (206, 44, 52))
        c.ellipse(x, y - 38, 7, 7, CREAM)
        c.text(x + 20, y + 14, name, 16, INK, "DejaVuSans-Bold", "lm")
    return c.finish(3)


def logo_board() -> Image.Image:
    """A group's logo above those of its three companies, joined by lines."""
    c = Canvas(420, (246, 247, 250), (226, 230, 238))
    for x in (120, 320, 520):
        c.line([(320, 150), (320, 214), (x, 214), (x, 260)], 3, (150, 158, 172))
    c.rect(190, 50, 450, 154, (24, 44, 92), 14)
    c.polygon([(214, 132), (244, 72), (274, 132)], (120, 190, 255))
    c.text(356, 92, "NORTHBECK", 22, CREAM)
    c.text(356, 118, "G R O U P", 13, (170, 200, 240))
    companies: list[tuple[int, str, Colour]] = [
        (120, "HALDEN\nBIKES", (212, 70, 50)),
        (320, "SABLE\nRECORDS", (44, 40, 48)),
        (520, "POLAR\nLOAF", (180, 124, 56)),
    ]
    for x, name, colour in companies:
        c.rect(x - 85, 260, x + 85, 376, (255, 255, 255), 12)
        c.text(x + 28, 318, name, 14.5, colour)
        c.ring(x - 46, 318, 25, 6, colour)
        c.ellipse(x - 46, 318, 8, 8, colour)
    return c.finish(3)


def trophy() -> Image.Image:
    """A golden cup on a plinth under confetti."""
    c = Canvas(440, (20, 40, 84), (10, 14, 34))
    c.ellipse(320, 190, 210, 190, (255, 230, 150, 60), 30)
    c.dots([(230, 70, 90), GOLD, (90, 190, 240), (250, 250, 250), (120, 220, 140)], 130, 330, 6)
    for side in (-1, 1):
        c.ring(320 + side * 78, 150, 44, 13, (206, 152, 50))
    cup = [(236, 84), (404, 84), (390, 190), (346, 246), (294, 246), (250, 190)]
    c.polygon(cup, (226, 172, 62))
    c.polygon([(252, 84), (296, 84), (300, 240), (262, 186)], (255, 226, 140))
    c.ellipse(320, 84, 84, 15, (255, 236, 170))
    c.ellipse(320, 85, 72, 10, (160, 110, 30))
    c.rect(306, 240, 334, 310, (206, 152, 50))
    c.ellipse(320, 276, 22, 9, (240, 196, 96))
    c.polygon([(270, 330), (370, 330), (346, 302), (294, 302)], (206, 152, 50))
    c.rect(236, 328, 404, 412, (44, 34, 40), 4)
    c.rect(256, 346, 384, 394, GOLD, 3)
    c.text(320, 370, "COAST CUP", 18, INK)
    star = [
        (
            320 + (26 if i % 2 == 0 else 11) * math.sin(i * math.pi / 5),
            160 - (26 if i % 2 == 0 else 11) * math.cos(i * math.pi / 5),
        )
        for i in range(10)
    ]
    c.polygon(star, (190, 134, 40))
    return c.finish()


def newspaper() -> Image.Image:
    """A front page with a headline about a strike."""
    c = Canvas(440, (112, 86, 66), (82, 60, 46))
    c.rect(74, 24, 582, 440, (0, 0, 0, 90), 3)
    c.rect(64, 14, 572, 440, (246, 241, 228), 2)
    c.text(318, 50, "Oakmere Gazette", 34, INK, "DejaVuSerif-Bold")
    c.line([(84, 80), (552, 80)], 1.5, INK)
    c.text(
        318,
        94,
        "MORNING EDITION  ·  LOCAL  ·  SPORT  ·  WEATHER 11 °C",
        10,
        (80, 76, 70),
        "DejaVuSans",
    )
    c.line([(84, 108), (552, 108)], 1.5, INK)
    c.text(318, 158, "NO BUSES MONDAY:\nUCTU WALKS OUT", 31, INK, "DejaVuSerif-Bold")
    c.rect(84, 214, 330, 384, (168, 176, 184))
    c.rect(84, 330, 330, 384, (110, 112, 116))
    c.rect(112, 252, 302, 346, (196, 60, 52), 10)
    for i in range(4):
        c.rect(124 + i * 44, 264, 160 + i * 44, 300, (220, 234, 244), 3)
    for x in (150, 264):
        c.ellipse(x, 348, 17, 17, INK)
        c.ellipse(x, 348, 7, 7, (180, 180, 180))
    for i in range(17):
        for left in (346, 452):
            c.line(
                [(left, 220 + i * 12), (left + (96 if i % 6 != 5 else 52), 220 + i * 12)],
                2.2,
                (150, 144, 134),
            )
    for i in range(3):
        c.line([(84, 398 + i * 12), (330, 398 + i * 12)], 2.2, (150, 144, 134))
    return c.finish(4)


def welcome_sign() -> Image.Image:
    """A road sign at the edge of a town."""
    c = Canvas(420, (124, 182, 232), (226, 240, 248))
    c.ellipse(120, 330, 260, 110, (120, 164, 96))
    c.ellipse(520, 340, 280, 130, (98, 146, 84))
    c.polygon([(560, 420), (640, 420), (430, 258), (422, 258)], (96, 98, 104))
    c.line([(600, 420), (428, 262)], 2, CREAM)
    for x in (160, 400):
        c.rect(x - 7, 230, x + 7, 400, (110, 112, 118))
    c.rect(84, 92, 476, 268, (250, 250, 250), 14)
    c.rect(92, 100, 468, 260, (24, 104, 72), 10)
    c.text(280, 134, "WELCOME TO", 22, CREAM)
    c.text(280, 182, "OAKMERE", 50, (255, 255, 255))
    c.text(280, 232, "Varga Province  ·  pop. 14,208", 14, (210, 236, 220), "DejaVuSans")
    for x, h in ((540, 60), (576, 90), (612, 50)):
        c.rect(x - 14, 252 - h, x + 14, 260, (206, 150, 120))
        c.polygon([(x - 19, 252 - h), (x + 19, 252 - h), (x, 226 - h)], (150, 70, 56))
    for i in range(40):
        c.ellipse(
            i * 17 + 4,
            408 + (i % 3) * 4,
            3,
            3,
            ((236, 200, 70), (240, 240, 240), (220, 90, 90))[i % 3],
        )
    return c.finish()


def houses() -> Image.Image:
    """Two neighbouring houses at dusk with a fence between them."""
    c = Canvas(420, (44, 50, 96), (238, 150, 110))
    c.dots([(255, 255, 255, 190)], 50, 140, 2)
    c.rect(0, 330, 640, 420, (62, 84, 60))
    for x, wall, roof, door in (
        (160, (222, 204, 176), (130, 56, 46), (40, 90, 150)),
        (480, (170, 190, 200), (70, 66, 84), (170, 60, 50)),
    ):
        c.rect(x - 110, 190, x + 110, 350, wall)
        c.polygon([(x - 130, 194), (x + 130, 194), (x, 96)], roof)
        c.rect(x - 24, 262, x + 24, 350, door, 3)
        for wx in (x - 72, x + 72):
            c.ellipse(wx, 242, 44, 40, (255, 220, 120, 90), 10)
            c.rect(wx - 23, 216, wx + 23, 266, (255, 226, 140), 2)
            c.line([(wx, 216), (wx, 266)], 2, wall)
            c.line([(wx - 23, 241), (wx + 23, 241)], 2, wall)
    c.text(160, 252, "12", 14, INK)
    c.text(480, 252, "14", 14, INK)
    for i in range(9):
        x = 276 + i * 11
        c.polygon([(x - 4, 372), (x - 4, 306), (x, 298), (x + 4, 306), (x + 4, 372)], CREAM)
    c.rect(270, 322, 370, 328, CREAM)
    c.rect(270, 352, 370, 358, CREAM)
    return c.finish()


def rings() -> Image.Image:
    """Two wedding rings on cloth."""
    c = Canvas(400, (150, 40, 66), (92, 20, 44))
    for i in range(9):
        c.line([(i * 90 - 60, 420), (i * 90 + 110, -20)], 26, (255, 255, 255, 12))
    for x, y in ((270, 214), (372, 206)):
        c.ring(x + 7, y + 13, 90, 24, (30, 0, 12, 150))
        c.ring(x, y, 88, 22, (206, 154, 60))
        c.ring(x - 1, y - 1, 85, 9, (255, 228, 150))
        c.ring(x, y, 68, 3, (150, 104, 30))
    c.polygon([(372, 126), (412, 88), (396, 66), (348, 66), (332, 88)], (200, 232, 250))
    c.polygon([(356, 88), (388, 88), (372, 126)], (240, 250, 255))
    c.dots([(255, 255, 255, 120)], 24, 400, 2)
    return c.finish()


def temple() -> Image.Image:
    """A mosque with dome and minarets under a crescent."""
    c = Canvas(430, (16, 26, 72), (214, 126, 110))
    c.dots([(255, 255, 255, 200)], 70, 200, 2)
    turns = [math.pi * (0.25 + i / 20) for i in range(21)]
    outer = [(440 + 34 * math.cos(t), 84 + 34 * math.sin(t)) for t in turns]
    inner = [(450 + 27 * math.cos(t), 74 + 27 * math.sin(t)) for t in reversed(turns)]
    c.polygon([*outer, *inner], (255, 244, 210))
    shade = (28, 22, 52)
    c.rect(170, 260, 470, 400, shade)
    c.ellipse(320, 258, 104, 108, shade)
    c.line([(320, 118), (320, 156)], 4, GOLD)
    for x in (120, 520):
        c.rect(x - 15, 140, x + 15, 400, shade)
        c.rect(x - 22, 200, x + 22, 212, shade, 3)
        c.polygon([(x - 17, 142), (x + 17, 142), (x, 92)], shade)
    for x in (220, 320, 420):
        c.ellipse(x, 320, 24, 27, (255, 206, 120))
        c.rect(x - 24, 320, x + 24, 400, (255, 206, 120))
    c.rect(0, 392, 640, 430, (16, 12, 32))
    c.crowd(404, (10, 8, 22), 22)
    return c.finish()


def headquarters() -> Image.Image:
    """An office block by the water with the company's name on the roof."""
    c = Canvas(420, (110, 170, 220), (220, 234, 242))
    for x, h in ((60, 150), (140, 200), (560, 170), (620, 220)):
        c.rect(x - 40, 330 - h, x + 40, 330, (160, 178, 194))
    c.rect(190, 110, 470, 340, (66, 98, 132))
    for row in range(7):
        for column in range(9):
            tint = (176, 214, 238) if (row * 5 + column * 3) % 7 else (255, 232, 160)
            left, top = 202 + column * 29.5, 124 + row * 30
            c.rect(left, top, left + 22, top + 20, tint, 1)
    c.rect(210, 52, 450, 104, (24, 40, 60), 6)
    c.text(340, 79, "LUMETTA", 32, (255, 226, 120))
    c.ellipse(234, 78, 13, 13, (255, 226, 120))
    for x in (240, 420):
        c.rect(x - 3, 100, x + 3, 114, INK)
    c.rect(0, 338, 640, 356, (186, 182, 170))
    c.rect(0, 354, 640, 420, (70, 120, 150))
    for i in range(22):
        x, y = (i * 83) % 640, 364 + (i * 29) % 50
        c.line([(x, y), (x + 34, y)], 1.6, (190, 220, 236, 170))
    c.text(600, 346, "ROTTERDAM", 10, INK)
    return c.finish()


def film_poster() -> Image.Image:
    """A poster: a road through salt flats, title and star's name."""
    c = Canvas(480, (236, 120, 70), (250, 216, 150))
    c.ellipse(320, 222, 72, 72, (255, 244, 200))
    c.polygon([(0, 236), (120, 176), (250, 236), (420, 160), (640, 236)], (136, 66, 76))
    c.rect(0, 234, 640, 480, (244, 234, 216))
    c.polygon([(296, 234), (344, 234), (560, 480), (80, 480)], (92, 82, 84))
    for i in range(5):
        y = 250 + i * i * 11
        c.polygon(
            [
                (318 - i, y),
                (322 + i, y),
                (325 + i * 2, y + 12 + i * 6),
                (315 - i * 2, y + 12 + i * 6),
            ],
            GOLD,
        )
    c.person(320, 372, 150, (40, 24, 34), (40, 24, 34), "right")
    c.polygon([(302, 256), (338, 256), (352, 340), (288, 340)], (40, 24, 34))
    c.rect(0, 0, 640, 26, INK)
    c.rect(0, 454, 640, 480, INK)
    c.text(320, 64, "NOOR EL-AMIN", 20, (70, 20, 30), "DejaVuSans")
    c.text(320, 108, "THE SALT ROAD", 52, (60, 14, 26), "DejaVuSerif-Bold")
    c.text(320, 467, "ONLY IN CINEMAS  ·  FRIDAY", 12, CREAM)
    return c.finish()


def summit() -> Image.Image:
    """A conference hall with a screen that names event and town."""
    c = Canvas(420, (26, 30, 44), (12, 14, 22))
    c.ellipse(320, 130, 300, 120, (60, 120, 255, 70), 26)
    c.rect(110, 40, 530, 236, (20, 60, 150), 6)
    c.polygon([(110, 236), (110, 170), (360, 40), (530, 40), (530, 110)], (40, 100, 210, 150))
    c.text(320, 110, "DevSummit", 52, (255, 255, 255))
    c.text(320, 168, "ROTTERDAM  ·  MAY 6–8", 20, (190, 220, 255), "DejaVuSans")
    c.rect(60, 286, 580, 330, (60, 50, 56))
    c.person(170, 306, 140, (30, 34, 46), (206, 160, 130), "right")
    c.rect(222, 226, 266, 300, (90, 70, 60), 4)
    for row in range(3):
        for i in range(17):
            x, y = i * 40 + (row % 2) * 20, 346 + row * 28
            c.ellipse(x, y, 13, 15, (34 - row * 8, 36 - row * 8, 50 - row * 10))
            c.rect(x - 19, y + 12, x + 19, y + 60, (34 - row * 8, 36 - row * 8, 50 - row * 10), 10)
    return c.finish()


def jersey() -> Image.Image:
    """A club shirt with name and number on a hanger."""
    c = Canvas(440, (226, 228, 232), (186, 190, 198))
    for i in range(8):
        c.rect(i * 80, 0, i * 80 + 76, 440, (255, 255, 255, 40))
    c.line([(320, 44), (320, 62), (232, 96)], 5, (90, 70, 50))
    c.line([(320, 62), (408, 96)], 5, (90, 70, 50))
    shirt = [
        (262, 82),
        (378, 82),
        (440, 104),
        (504, 190),
        (448, 226),
        (420, 192),
        (424, 410),
        (216, 410),
    ]
    c.polygon(
        [(x + 6, y + 9) for x, y in [*shirt, (220, 192), (192, 226), (136, 190), (200, 104)]],
        (0, 0, 0, 80),
        6,
    )
    c.polygon([*shirt, (220, 192), (192, 226), (136, 190), (200, 104)], (20, 122, 140))
    c.polygon([(262, 82), (378, 82), (352, 106), (288, 106)], CREAM)
    for x in (232, 408):
        c.rect(x - 5, 130, x + 5, 408, (250, 250, 250, 200))
    c.text(320, 158, "ABERNATHY", 22, CREAM)
    c.text(320, 264, "19", 104, CREAM)
    c.text(320, 372, "TIDEWATER KINGS", 13, (250, 220, 120))
    return c.finish()


def rebrand() -> Image.Image:
    """An old shop sign and the new one, joined by an arrow."""
    c = Canvas(400, (250, 250, 252), (222, 226, 234))
    c.rect(50, 130, 272, 262, (150, 154, 162), 10)
    c.text(161, 196, "brightwick", 27, (236, 236, 240))
    c.line([(66, 246), (256, 146)], 3, (200, 60, 60))
    c.line([(292, 196), (336, 196)], 8, INK)
    c.polygon([(334, 180), (360, 196), (334, 212)], INK)
    c.ellipse(482, 196, 128, 92, (255, 226, 120, 120), 18)
    c.rect(376, 130, 592, 262, (24, 40, 60), 10)
    c.text(500, 196, "LUMETTA", 28, (255, 226, 120))
    c.ellipse(404, 196, 12, 12, (255, 226, 120))
    c.text(161, 300, "before", 18, (120, 124, 132), "DejaVuSans")
    c.text(484, 300, "from today", 18, INK, "DejaVuSans")
    c.text(320, 66, "Same weird people. New name.", 25, INK)
    return c.finish(3)


def album() -> Image.Image:
    """A record sleeve with its track list, the record half out."""
    c = Canvas(420, (206, 190, 168), (170, 150, 126))
    c.ellipse(440, 216, 160, 160, (0, 0, 0, 70), 8)
    c.ellipse(436, 210, 156, 156, (18, 18, 22))
    for r in range(70, 152, 9):
        c.ring(436, 210, r, 0.8, (62, 62, 70))
    c.ellipse(436, 210, 52, 52, (214, 84, 60))
    c.ellipse(436, 210, 7, 7, CREAM)
    c.rect(70, 56, 384, 370, (24, 44, 78), 2)
    for x, y, r in ((130, 126, 22), (330, 100, 15), (300, 176, 26), (112, 200, 15)):
        c.ellipse(x, y, r * 2, r * 2.4, (255, 190, 90, 60), 10)
        c.ellipse(x, y, r, r * 1.25, (255, 196, 104))
    c.text(227, 258, "LANTERN SEASON", 26, CREAM)
    c.text(227, 288, "The Paper Lanterns", 16, (255, 210, 140), "DejaVuSans")
    c.text(227, 332, "1 Paper Boats · 2 Ferry · 3 Last Lamp", 12, CREAM, "DejaVuSans")
    return c.finish()


def harbour() -> Image.Image:
    """A festival on a pier: bunting, tents and boats."""
    c = Canvas(420, (116, 190, 232), (236, 244, 240))
    c.ellipse(598, 60, 34, 34, (255, 240, 180))
    c.rect(0, 250, 640, 420, (52, 124, 160))
    for i in range(26):
        x, y = (i * 97) % 640, 262 + (i * 41) % 70
        c.line([(x, y), (x + 28, y)], 1.5, (180, 220, 236, 170))
    for x, sail in ((90, (250, 250, 250)), (550, (236, 96, 84))):
        c.polygon([(x - 44, 262), (x + 44, 262), (x + 28, 284), (x - 30, 284)], (120, 66, 44))
        c.polygon([(x, 150), (x, 254), (x + 46, 254)], sail)
        c.line([(x, 146), (x, 262)], 3, INK)
    c.rect(0, 340, 640, 420, (150, 112, 78))
    for x in range(0, 640, 46):
        c.line([(x, 342), (x, 420)], 1.2, (110, 78, 52))
    for x, tint in ((200, (214, 60, 70)), (330, (60, 110, 190)), (450, (240, 180, 60))):
        c.rect(x - 44, 270, x + 44, 352, CREAM)
        c.polygon([(x - 58, 276), (x + 58, 276), (x, 214)], tint)
        c.rect(x - 15, 300, x + 15, 352, (120, 90, 70), 2)
    for i in range(22):
        x, y = i * 30, 108 + 42 * math.sin(i / 21 * math.pi)
        flag = ((214, 60, 70), (250, 250, 250), (60, 110, 190), (240, 180, 60))[i % 4]
        c.polygon([(x, y), (x + 24, y), (x + 12, y + 28)], flag)
    c.text(320, 64, "HARBOUR FEST · PIER 9", 28, (24, 60, 96))
    return c.finish()
