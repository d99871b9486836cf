"""The README's picture of the simulator, from a real run: `python -m station.simulate.portrait [FILE.svg]`."""

import sys
from pathlib import Path

from station.simulate import scenario
from station.simulate.interactive import Interactive
from station.simulate.scene import WIDE_ROWS, scene_lines
from station.simulate.stage import set_stage
from station.simulate.svg import svg_picture
from station.simulate.troubles import Trouble
from station.simulate.worker import JOIN_S, Worker

PLACE = Path(__file__).with_name("simulator.svg")
SCENARIO = "portrait"
COLUMNS = 110


def draw_portrait() -> str:
    """Play the scenario and draw what a terminal shows at its end, as SVG."""
    with set_stage(None, None) as set_up:
        worker = Worker(set_up.machine, scenario.load_scenario(SCENARIO), SCENARIO, speed=1000)
        shown = Interactive(set_up.machine, set_up.receiver, worker, "station simulate")
        worker.start()
        worker.played.wait(JOIN_S)
        if worker.failure is not None:
            raise Trouble(f"portrait: {worker.failure}")
        drawn = svg_picture(scene_lines(shown.current_scene(), COLUMNS, WIDE_ROWS))
        worker.end_soon()
    return drawn


if __name__ == "__main__":
    (Path(sys.argv[1]) if sys.argv[1:] else PLACE).write_text(draw_portrait(), encoding="utf-8")
