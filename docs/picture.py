#!/usr/bin/env python3
"""Draws docs/lanchat.svg: a talk of four in the real program, as a terminal shows it.

    cargo build --release && docs/picture.py target/release/lanchat docs/lanchat.svg

Needs Linux with tmux and unshare: all runs in a network namespace of its own, where there is nothing but loopback.
"""

import html
import os
import re
import subprocess
import sys
import tempfile
import time
import unicodedata

COLUMNS, ROWS = 100, 27
CELL_WIDTH, CELL_HEIGHT, FONT_SIZE, MARGIN = 8.4, 18, 14, 12
FOREGROUND, BACKGROUND = "#d8dee9", "#1d2129"
COLOURS = [
    "#3b4252", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d8dee9",
    "#7a8394", "#ff7b86", "#b5e08f", "#ffd68a", "#82c7ff", "#dd9aee", "#7fd8e3", "#ffffff",
]  # fmt: skip

TALK = [
    ("bob", "morning! the printer on the third floor works again"),
    ("张伟", "太好了，谢谢你 🎉"),
    ("carol", "who wants lunch at noon?"),
    ("bob", "alice: are you in?"),
    ("bob", "/react carol :+1:"),
    ("bob", "/msg alice the cake is in the kitchen, do not tell carol"),
    ("carol", "/topic lunch, and what else matters"),
    ("张伟", "/away 开会"),
]
TYPED = ["in ten minutes, I am nearly done", "/reply carol count me in"]
UNFINISHED = "see you at the l"


def main(program, picture):
    if os.environ.get("LANCHAT_PICTURE") != "in a namespace":
        environment = {**os.environ, "LANCHAT_PICTURE": "in a namespace"}
        command = ["unshare", "-Urn", sys.executable, __file__, os.path.abspath(program), os.path.abspath(picture)]
        sys.exit(subprocess.run(command, env=environment).returncode)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as home:
        screen = talk(program, home)
    with open(picture, "w", encoding="utf-8") as file:
        file.write(svg(screen))


def talk(program, home):
    """What alice's terminal shows in the end, with its escape sequences"""
    options = ["--interface", "lo", "--notify", "off", "--lang", "en"]
    others = {}
    for name in dict.fromkeys(name for name, _ in TALK):
        command = [program, *options, "--ephemeral", "--plain", "--name", name]
        others[name] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    command = ["env", "TERM=screen-256color", "TZ=UTC", program, *options, "--name", "alice", "--data-dir", home]
    tmux(home, "-f", "/dev/null", "new-session", "-d", "-x", COLUMNS, "-y", ROWS, *command)
    wait_for(home, lambda shown: "carol" in shown and "bob" in shown and "张伟" in shown)
    for name, line in TALK[:4]:
        say(others[name], line)
    wait_for(home, lambda shown: "are you in?" in shown)
    for line in TYPED:
        tmux(home, "send-keys", "-l", line)
        tmux(home, "send-keys", "Enter")
        time.sleep(0.3)
    for name, line in TALK[4:]:
        say(others[name], line)
    tmux(home, "send-keys", "-l", UNFINISHED)
    time.sleep(2)
    shown = tmux(home, "capture-pane", "-e", "-p", "-N")
    tmux(home, "kill-server")
    for other in others.values():
        other.stdin.close()
        other.wait()
    return shown


def say(other, line):
    other.stdin.write(line + "\n")
    other.stdin.flush()
    time.sleep(0.3)


def tmux(home, *arguments):
    command = ["tmux", "-S", os.path.join(home, "tmux"), "-u", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def wait_for(home, is_there):
    deadline = time.monotonic() + 20
    while not is_there(shown := tmux(home, "capture-pane", "-p")):
        if time.monotonic() > deadline:
            sys.exit(f"it never showed what it was to show:\n{shown}")
        time.sleep(0.1)


def svg(screen):
    width, height = COLUMNS * CELL_WIDTH + 2 * MARGIN, ROWS * CELL_HEIGHT + 2 * MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" font-size="{FONT_SIZE}" '
        f'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace">',
        f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>',
    ]
    style = Style()
    for row, line in enumerate(screen.split("\n")[:ROWS]):
        column = 0
        for run_style, text in runs(line, style):
            cells = width_of_all(text)
            parts += run(run_style, text, MARGIN + column * CELL_WIDTH, MARGIN + row * CELL_HEIGHT, cells)
            column += cells
    return "\n".join([*parts, "</svg>", ""])


def run(style, text, x, y, cells):
    """The elements of characters of one style side by side"""
    foreground, background = style.colours()
    width = cells * CELL_WIDTH
    if background != BACKGROUND:
        yield f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{CELL_HEIGHT}" fill="{background}"/>'
    attributes = ' font-weight="bold"' if style.bold else ""
    attributes += ' font-style="italic"' if style.italic else ""
    attributes += ' text-decoration="underline"' if style.underlined else ""
    attributes += ' opacity="0.65"' if style.dim else ""
    # What stands apart is placed apart, so that columns are straight in any font.
    for piece in re.finditer(r"│|[^\s│]+(?: [^\s│]+)*", text):
        left = x + width_of_all(text[: piece.start()]) * CELL_WIDTH
        length = width_of_all(piece[0]) * CELL_WIDTH
        yield (
            f'<text x="{left:.1f}" y="{y + FONT_SIZE}" textLength="{length:.1f}" lengthAdjust="spacingAndGlyphs" '
            f'fill="{foreground}"{attributes}>{html.escape(piece[0])}</text>'
        )


def runs(line, style):
    """Splits a line where its style changes, and where wide characters begin and end; the style is carried on"""
    text, last_width = "", 1
    position = 0
    while position < len(line):
        if line.startswith("\x1b[", position):
            end = position + 2
            while not line[end].isalpha():
                end += 1
            if text:
                yield style.copy(), text
                text = ""
            if line[end] == "m":
                style.apply(line[position + 2 : end])
            position = end + 1
            continue
        character = line[position]
        width = width_of(character)
        if text and width and width != last_width:
            yield style.copy(), text
            text = ""
        last_width = width or last_width
        text += character
        position += 1
    if text:
        yield style.copy(), text


def width_of_all(text):
    return sum(width_of(character) for character in text)


def width_of(character):
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Style:
    def __init__(self):
        self.apply("0")

    def copy(self):
        other = Style()
        other.__dict__.update(self.__dict__)
        return other

    def colours(self):
        pair = (self.foreground or FOREGROUND, self.background or BACKGROUND)
        return pair[::-1] if self.reversed else pair

    def apply(self, codes):
        numbers = [int(code or 0) for code in codes.replace(":", ";").split(";")]
        while numbers:
            number = numbers.pop(0)
            if number == 0:
                self.bold = self.dim = self.italic = self.underlined = self.reversed = False
                self.foreground = self.background = None
            elif number in (1, 2, 3, 4, 7):
                setattr(self, {1: "bold", 2: "dim", 3: "italic", 4: "underlined", 7: "reversed"}[number], True)
            elif number == 22:
                self.bold = self.dim = False
            elif number in (23, 24, 27):
                setattr(self, {23: "italic", 24: "underlined", 27: "reversed"}[number], False)
            elif 30 <= number <= 37 or 90 <= number <= 97:
                self.foreground = COLOURS[number - 30 if number < 90 else number - 82]
            elif 40 <= number <= 47 or 100 <= number <= 107:
                self.background = COLOURS[number - 40 if number < 100 else number - 92]
            elif number in (38, 48) and numbers[:1] == [5]:
                colour = COLOURS[numbers[1] % 16]
                self.foreground, self.background = (colour, self.background) if number == 38 else (self.foreground, colour)
                del numbers[:2]
            elif number == 39:
                self.foreground = None
            elif number == 49:
                self.background = None


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
