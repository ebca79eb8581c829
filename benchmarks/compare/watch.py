"""What disturbs the machine while a program runs that does not watch for it itself."""

import json
import subprocess


class Watch:
    """Runs the binary (benchmarks/load:watch) beside a measurement; its threads precede all others, which takes root.

    `processes`: by core, the process whose running there disturbs nobody.
    """

    def __init__(self, binary, processes):
        words = [binary, *(f"{core}:{process}" for core, process in processes.items())]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def end(self):
        """What was found, as the driver's results have it in `disturbed`."""
        found, _ = self.process.communicate()
        if self.process.returncode != 0:
            raise SystemExit(f"the watch ended with {self.process.returncode}")
        return json.loads(found)
