// Draws the picture, the mask over it, and the tool's outline. Painting redraws only what has changed; the picture is redrawn only when it moves.

class View {
  constructor(stage, bitmap, width, height, mask) {
    this.stage = stage;
    this.width = width;
    this.height = height;
    this.mask = mask;
    this.picture = stage.querySelector("#picture").getContext("2d");
    this.overlay = stage.querySelector("#overlay").getContext("2d");
    this.outlines = stage.querySelectorAll("#outline path");
    // Smaller copies, so that a large picture is not scaled down for every frame.
    this.levels = [bitmap];
    this.mode = "overlay";
    this.scale = 1;
    this.left = 0;
    this.top = 0;
    this.fitted = true;
    this.dirty = null;
    this.moved = true;
    mask.onchange = (...box) => this.change(...box);
    new ResizeObserver(() => this.resize()).observe(stage);
    this.resize();
  }

  async shrink() {
    for (let last = this.levels[0]; Math.max(last.width, last.height) > 2048; last = this.levels[this.levels.length - 1]) {
      const resizeWidth = Math.ceil(last.width / 2);
      const resizeHeight = Math.ceil(last.height / 2);
      this.levels.push(await createImageBitmap(last, { resizeWidth, resizeHeight, resizeQuality: "medium" }));
    }
    this.move();
  }

  setTint(color, opacity) {
    const [r, g, b] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
    const word = (red, green, blue, alpha) => ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
    this.tints = {
      overlay: Uint32Array.from({ length: 256 }, (_, v) => word(r, g, b, Math.round(v * opacity))),
      mask: Uint32Array.from({ length: 256 }, (_, v) => word(v, v, v, 255)),
      picture: new Uint32Array(256),
    };
    this.move();
  }

  resize() {
    const { width, height } = this.stage.getBoundingClientRect();
    this.ratio = Math.min(2, window.devicePixelRatio || 1);
    for (const { canvas } of [this.picture, this.overlay]) {
      canvas.width = Math.max(1, Math.round(width * this.ratio));
      canvas.height = Math.max(1, Math.round(height * this.ratio));
    }
    this.image = new ImageData(this.overlay.canvas.width, this.overlay.canvas.height);
    this.words = new Uint32Array(this.image.data.buffer);
    if (this.fitted) this.fit();
    this.move();
  }

  // The size in CSS pixels.
  get across() { return this.overlay.canvas.width / this.ratio; }

  get down() { return this.overlay.canvas.height / this.ratio; }

  fit() {
    const margin = Math.min(24, this.across / 20);
    this.scale = Math.min((this.across - 2 * margin) / this.width, (this.down - 2 * margin) / this.height, 8);
    this.left = (this.across - this.width * this.scale) / 2;
    this.top = (this.down - this.height * this.scale) / 2;
    this.fitted = true;
    this.move();
  }

  zoom(factor, x = this.across / 2, y = this.down / 2) {
    const scale = Math.min(64, Math.max(Math.min(1, 100 / Math.max(this.width, this.height)), this.scale * factor));
    this.left = x - ((x - this.left) * scale) / this.scale;
    this.top = y - ((y - this.top) * scale) / this.scale;
    this.scale = scale;
    this.pan(0, 0);
  }

  // Keeps a part of the picture visible.
  pan(dx, dy) {
    const keep = 48;
    this.left = Math.min(this.across - keep, Math.max(keep - this.width * this.scale, this.left + dx));
    this.top = Math.min(this.down - keep, Math.max(keep - this.height * this.scale, this.top + dy));
    this.fitted = false;
    this.move();
  }

  toPicture(x, y) { return [(x - this.left) / this.scale, (y - this.top) / this.scale]; }

  move() {
    this.moved = true;
    this.schedule();
  }

  change(left, top, right, bottom) {
    const d = this.dirty;
    this.dirty = d ? [Math.min(d[0], left), Math.min(d[1], top), Math.max(d[2], right), Math.max(d[3], bottom)] : [left, top, right, bottom];
    this.schedule();
  }

  schedule() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    const pixel = this.scale * this.ratio;
    const [left, top] = [this.left * this.ratio, this.top * this.ratio];
    let box = [0, 0, this.width, this.height];
    if (this.moved) {
      this.drawPicture(pixel, left, top);
      this.words.fill(0);
      this.onmove?.();
    } else if (this.dirty) {
      box = this.dirty;
    }
    this.drawMask(pixel, left, top, box, this.moved);
    [this.moved, this.dirty] = [false, null];
  }

  drawPicture(pixel, left, top) {
    const { canvas } = this.picture;
    this.picture.clearRect(0, 0, canvas.width, canvas.height);
    const level = this.levels.findLast((bitmap) => bitmap.width >= this.width * pixel) ?? this.levels[0];
    const [x0, y0, x1, y1] = [Math.max(0, -left / pixel), Math.max(0, -top / pixel), Math.min(this.width, (canvas.width - left) / pixel), Math.min(this.height, (canvas.height - top) / pixel)];
    if (x0 >= x1 || y0 >= y1) return;
    const [sx, sy] = [level.width / this.width, level.height / this.height];
    this.picture.imageSmoothingEnabled = pixel < 3;
    this.picture.imageSmoothingQuality = "medium";
    this.picture.drawImage(level, x0 * sx, y0 * sy, (x1 - x0) * sx, (y1 - y0) * sy, left + x0 * pixel, top + y0 * pixel, (x1 - x0) * pixel, (y1 - y0) * pixel);
  }

  drawMask(pixel, left, top, box, whole) {
    const { canvas } = this.overlay;
    const x0 = Math.max(0, Math.floor(left + box[0] * pixel) - 1);
    const y0 = Math.max(0, Math.floor(top + box[1] * pixel) - 1);
    const x1 = Math.min(canvas.width, Math.ceil(left + box[2] * pixel) + 1);
    const y1 = Math.min(canvas.height, Math.ceil(top + box[3] * pixel) + 1);
    const tint = this.tints?.[this.mode];
    if (tint && x0 < x1 && y0 < y1) {
      const n = Math.max(0, Math.min(this.mask.levels.length - 1, Math.floor(-Math.log2(pixel) + 0.01)));
      const level = this.mask.levels[n];
      const at = (i, start, size, limit) => {
        const full = Math.floor((i + 0.5 - start) / pixel);
        return full < 0 || full >= size ? -1 : Math.min(limit - 1, full >> n);
      };
      const columns = Int32Array.from({ length: x1 - x0 }, (_, i) => at(x0 + i, left, this.width, level.width));
      for (let y = y0; y < y1; y++) {
        const row = at(y, top, this.height, level.height);
        const out = y * canvas.width + x0;
        for (let i = 0; i < columns.length; i++) {
          this.words[out + i] = row < 0 || columns[i] < 0 ? 0 : tint[level.data[row * level.width + columns[i]]];
        }
      }
    }
    if (whole) this.overlay.putImageData(this.image, 0, 0);
    else if (x0 < x1 && y0 < y1) this.overlay.putImageData(this.image, 0, 0, x0, y0, x1 - x0, y1 - y0);
  }

  // Shows the outline of the tool, or of the shape that is being drawn.
  outline(path) {
    for (const line of this.outlines) line.setAttribute("d", path);
  }

  circle([x, y], size) {
    const [r, cx, cy] = [Math.max(1, (size * this.scale) / 2), x * this.scale + this.left, y * this.scale + this.top];
    this.outline(`M${cx - r} ${cy}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`);
  }

  shape(points, closed) {
    this.outline(`M${points.map(([x, y]) => `${x * this.scale + this.left} ${y * this.scale + this.top}`).join("L")}${closed ? "Z" : ""}`);
  }
}

// The colours of the picture at its full size, read in strips on demand.
class Pixels {
  constructor(bitmap, width, height) {
    this.bitmap = bitmap;
    this.width = width;
    this.height = height;
    this.strips = new Map();
    this.canvas = new OffscreenCanvas(width, Math.min(64, height));
    this.context = this.canvas.getContext("2d", { willReadFrequently: true });
  }

  row(y) {
    const number = y >> 6;
    let strip = this.strips.get(number);
    if (!strip) {
      this.context.clearRect(0, 0, this.width, 64);
      this.context.drawImage(this.bitmap, 0, -64 * number);
      strip = this.context.getImageData(0, 0, this.width, Math.min(64, this.height - 64 * number)).data;
      this.strips.set(number, strip);
    }
    const start = 4 * this.width * (y & 63);
    return strip.subarray(start, start + 4 * this.width);
  }

  at(x, y) { return this.row(y).slice(4 * x, 4 * x + 4); }
}
