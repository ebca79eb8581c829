'use strict';
// The whole run in one strip: how much happened when, where it went wrong, and which part the lanes show.

class Overview {
  constructor(canvas, run, layout, onMove) {
    this.canvas = canvas;
    this.run = run;
    this.layout = layout;
    canvas.addEventListener('pointerdown', (down) => {
      canvas.setPointerCapture(down.pointerId);
      onMove(this.time(down.offsetX));
    });
    canvas.addEventListener('pointermove', (move) => {
      if (move.buttons & 1) onMove(this.time(move.offsetX));
    });
  }

  x(time) { return LABEL_WIDTH + (time - this.run.first) / (this.run.last - this.run.first) * (this.width - LABEL_WIDTH - 8); }
  time(x) { return this.run.first + (x - LABEL_WIDTH) / (this.width - LABEL_WIDTH - 8) * (this.run.last - this.run.first); }

  draw(visible) {
    const {canvas, run, layout} = this;
    const context = canvas.getContext('2d');
    const ratio = window.devicePixelRatio || 1;
    const style = getComputedStyle(document.documentElement);
    const color = (name) => style.getPropertyValue(`--${name}`).trim();
    const height = 52;
    this.width = layout.width;
    canvas.width = Math.round(this.width * ratio);
    canvas.height = height * ratio;
    canvas.style.width = `${this.width}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = color('panel');
    context.fillRect(0, 0, this.width, height);

    const counts = new Array(Math.ceil(this.width / 3)).fill(0);
    for (const event of run.events) if (visible(event)) ++counts[Math.floor(this.x(event.time) / 3)];
    const most = Math.max(1, ...counts);
    context.fillStyle = color('reply');
    counts.forEach((count, i) => {
      if (count === 0) return;
      const bar = 4 + Math.log1p(count) / Math.log1p(most) * (height - 18);
      context.fillRect(i * 3, height - bar, 2, bar);
    });
    context.fillStyle = color('fault');
    for (const fault of run.faults)
      context.fillRect(this.x(fault.begin), 2, Math.max(this.x(fault.end) - this.x(fault.begin), 2), 3);
    context.fillStyle = color('bad');
    for (const event of run.events)
      if (event.kind === 'stop' && event.time < run.head.end_ns) context.fillRect(this.x(event.time) - 2, 6, 4, 4);
    if (run.head.failed) {
      for (const {time} of run.evidence) if (time !== null) context.fillRect(this.x(time) - 0.5, 0, 1.5, height);
      context.fillRect(this.x(run.head.end_ns) - 1, 0, 3, height);
    }
    if (run.healed !== null) {
      context.fillStyle = color('good');
      context.fillRect(this.x(run.healed), 0, 1.5, height);
    }

    const x0 = Math.max(this.x(layout.begin), LABEL_WIDTH - 2);
    const x1 = Math.min(this.x(layout.end), this.width - 1);
    context.fillStyle = color('accent');
    context.globalAlpha = 0.14;
    context.fillRect(x0, 0, x1 - x0, height);
    context.globalAlpha = 1;
    context.strokeStyle = color('accent');
    context.lineWidth = 1.5;
    context.strokeRect(x0, 1, Math.max(x1 - x0, 2), height - 2);
    context.fillStyle = color('soft');
    context.font = '11px system-ui, sans-serif';
    context.fillText('whole run', 12, 22);
    context.fillText(formatSpan(run.last - run.first), 12, 38);
  }
}
