// The mask: one byte per pixel, 0 keeps and 255 repaints, changed by drawing and restored by undo. Knows nothing of the screen.

const TILE = 256;
const UNDO_BYTES = 64 << 20;

// Run-length encoding: pairs of value and length; the bytes themselves if that is not shorter.
function pack(bytes) {
  const runs = new Uint16Array(bytes.length >> 1);
  let count = 0;
  for (let i = 0; i < bytes.length;) {
    if (count + 2 > runs.length) return bytes;
    const value = bytes[i];
    let end = i + 1;
    while (end < bytes.length && bytes[end] === value && end - i < 65535) end++;
    runs[count++] = value;
    runs[count++] = end - i;
    i = end;
  }
  return runs.slice(0, count);
}

function unpack(packed, length) {
  if (packed instanceof Uint8Array) return packed;
  const bytes = new Uint8Array(length);
  for (let i = 0, at = 0; i < packed.length; i += 2) bytes.fill(packed[i], at, at += packed[i + 1]);
  return bytes;
}

class Mask {
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.data = new Uint8Array(width * height);
    this.across = Math.ceil(width / TILE);
    this.marked = 0;
    this.undone = [];
    this.done = [];
    this.before = null;
    this.onchange = () => {};
    // Each level has half the width and height of the previous one and the maximum of four values, so that thin lines stay visible when zoomed out.
    this.levels = [{ width, height, data: this.data }];
    while (Math.max(this.last.width, this.last.height) > 512) {
      const [w, h] = [(this.last.width + 1) >> 1, (this.last.height + 1) >> 1];
      this.levels.push({ width: w, height: h, data: new Uint8Array(w * h) });
    }
  }

  get last() { return this.levels[this.levels.length - 1]; }

  load(bytes) {
    this.data.set(bytes);
    this.marked = bytes.reduce((sum, value) => sum + (value >> 7), 0);
    this.refresh(0, 0, this.width, this.height);
  }

  // Updates the smaller levels within a rectangle, and notifies the view.
  refresh(left, top, right, bottom) {
    let [l, t, r, b] = [left, top, right, bottom];
    for (let n = 1; n < this.levels.length; n++) {
      const [from, to] = [this.levels[n - 1], this.levels[n]];
      [l, t, r, b] = [l >> 1, t >> 1, Math.min(to.width, (r + 1) >> 1), Math.min(to.height, (b + 1) >> 1)];
      for (let y = t; y < b; y++) {
        const one = 2 * y * from.width;
        const two = Math.min(2 * y + 1, from.height - 1) * from.width;
        for (let x = l; x < r; x++) {
          const [p, q] = [2 * x, Math.min(2 * x + 1, from.width - 1)];
          to.data[y * to.width + x] = Math.max(from.data[one + p], from.data[one + q], from.data[two + p], from.data[two + q]);
        }
      }
    }
    this.onchange(left, top, right, bottom);
  }

  // One step of undo: begin, any number of drawings, then commit or rollback.
  begin() { this.before = new Map(); }

  commit() {
    const tiles = [];
    for (const [index, bytes] of this.before) {
      const now = this.readTile(index);
      if (now.some((value, i) => value !== bytes[i])) {
        this.count(bytes, now);
        tiles.push({ index, packed: pack(bytes) });
      }
    }
    this.before = null;
    if (tiles.length) {
      this.done.push(tiles);
      this.undone = [];
      this.forget();
    }
    return tiles.length > 0;
  }

  rollback() {
    for (const [index, bytes] of this.before) this.writeTile(index, bytes);
    this.before = null;
  }

  undo() { return this.swap(this.done, this.undone); }

  redo() { return this.swap(this.undone, this.done); }

  swap(from, to) {
    const tiles = from.pop();
    if (!tiles) return false;
    to.push(tiles.map(({ index, packed }) => {
      const now = this.readTile(index);
      const old = unpack(packed, now.length);
      this.count(now, old);
      this.writeTile(index, old);
      return { index, packed: pack(now) };
    }));
    return true;
  }

  count(old, now) {
    for (let i = 0; i < now.length; i++) this.marked += (now[i] >> 7) - (old[i] >> 7);
  }

  // Drops the oldest steps when all together take too much memory, but never the last one.
  forget() {
    const size = (tiles) => tiles.reduce((sum, tile) => sum + tile.packed.byteLength, 0);
    let bytes = this.done.reduce((sum, tiles) => sum + size(tiles), 0);
    while (bytes > UNDO_BYTES && this.done.length > 1) bytes -= size(this.done.shift());
  }

  tileAt(index) {
    const left = (index % this.across) * TILE;
    const top = Math.floor(index / this.across) * TILE;
    return { left, top, right: Math.min(left + TILE, this.width), bottom: Math.min(top + TILE, this.height) };
  }

  readTile(index) {
    const { left, top, right, bottom } = this.tileAt(index);
    const bytes = new Uint8Array((right - left) * (bottom - top));
    for (let y = top, at = 0; y < bottom; y++, at += right - left) bytes.set(this.data.subarray(y * this.width + left, y * this.width + right), at);
    return bytes;
  }

  writeTile(index, bytes) {
    const { left, top, right, bottom } = this.tileAt(index);
    for (let y = top, at = 0; y < bottom; y++, at += right - left) this.data.set(bytes.subarray(at, at + right - left), y * this.width + left);
    this.refresh(left, top, right, bottom);
  }

  // Clips a rectangle to the picture and saves its content for undo; null if it is outside.
  touch(left, top, right, bottom) {
    const [l, t, r, b] = [Math.max(0, Math.floor(left)), Math.max(0, Math.floor(top)), Math.min(this.width, Math.ceil(right)), Math.min(this.height, Math.ceil(bottom))];
    if (l >= r || t >= b) return null;
    for (let y = Math.floor(t / TILE); y * TILE < b; y++) {
      for (let x = Math.floor(l / TILE); x * TILE < r; x++) {
        const index = y * this.across + x;
        if (!this.before.has(index)) this.before.set(index, this.readTile(index));
      }
    }
    return [l, t, r, b];
  }

  // A brush of a diameter drawn from one point to another. A pixel is covered when its centre is within the radius of the line; the outer part of a soft brush fades.
  stroke(x0, y0, x1, y1, size, hardness, erase) {
    const pieces = Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0) / (2 * size + 16)));
    const at = (i) => [x0 + ((x1 - x0) * i) / pieces, y0 + ((y1 - y0) * i) / pieces];
    for (let i = 0; i < pieces; i++) this.capsule(...at(i), ...at(i + 1), size / 2, hardness, erase);
  }

  capsule(x0, y0, x1, y1, radius, hardness, erase) {
    const box = this.touch(Math.min(x0, x1) - radius, Math.min(y0, y1) - radius, Math.max(x0, x1) + radius, Math.max(y0, y1) + radius);
    if (!box) return;
    const [dx, dy] = [x1 - x0, y1 - y0];
    const squared = dx * dx + dy * dy;
    const outer = radius * radius + 1e-6;
    const hard = radius * hardness;
    const inner = hard * hard + 1e-6;
    for (let y = box[1]; y < box[3]; y++) {
      for (let x = box[0]; x < box[2]; x++) {
        const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
        const along = squared ? Math.min(1, Math.max(0, (px * dx + py * dy) / squared)) : 0;
        const distance = (px - along * dx) ** 2 + (py - along * dy) ** 2;
        if (distance > outer) continue;
        const cover = distance <= inner ? 255 : Math.round((255 * (radius - Math.sqrt(distance))) / (radius - hard));
        const i = y * this.width + x;
        this.data[i] = erase ? Math.min(this.data[i], 255 - cover) : Math.max(this.data[i], cover);
      }
    }
    this.refresh(...box);
  }

  // From one pixel to another, inclusive.
  rectangle(x0, y0, x1, y1, erase) {
    const box = this.touch(Math.floor(Math.min(x0, x1)), Math.floor(Math.min(y0, y1)), Math.floor(Math.max(x0, x1)) + 1, Math.floor(Math.max(y0, y1)) + 1);
    if (!box) return;
    for (let y = box[1]; y < box[3]; y++) this.data.fill(erase ? 0 : 255, y * this.width + box[0], y * this.width + box[2]);
    this.refresh(...box);
  }

  // Covers every pixel whose centre is inside; where the outline crosses itself, the even-odd rule applies.
  polygon(points, erase) {
    const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
    const bounds = (values) => values.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
    const [[left, right], [top, bottom]] = [bounds(xs), bounds(ys)];
    const box = this.touch(left, top, right, bottom);
    if (!box) return;
    for (let y = box[1]; y < box[3]; y++) {
      const line = y + 0.5;
      const crossings = [];
      for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
        if ((ys[i] > line) !== (ys[j] > line)) crossings.push(xs[i] + ((line - ys[i]) / (ys[j] - ys[i])) * (xs[j] - xs[i]));
      }
      crossings.sort((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const from = Math.max(box[0], Math.ceil(crossings[i] - 0.5));
        const to = Math.min(box[2], Math.ceil(crossings[i + 1] - 0.5));
        if (from < to) this.data.fill(erase ? 0 : 255, y * this.width + from, y * this.width + to);
      }
    }
    this.refresh(...box);
  }

  // The following generators process the whole picture. They yield regularly, so that the page stays responsive.

  // Marks the pixels with the colour of a given one: the connected area, or all of them.
  *fill(x, y, tolerance, connected, pixels, erase) {
    const { width, height } = this;
    const value = erase ? 0 : 255;
    const seed = pixels.at(x, y);
    const fits = (row, i) => Math.abs(row[i] - seed[0]) <= tolerance && Math.abs(row[i + 1] - seed[1]) <= tolerance && Math.abs(row[i + 2] - seed[2]) <= tolerance;
    const span = (row, left, right) => {
      this.touch(left, row, right, row + 1);
      this.data.fill(value, row * width + left, row * width + right);
    };
    if (!connected) {
      for (let row = 0; row < height; row++) {
        const line = pixels.row(row);
        for (let left = 0; left < width; left++) {
          if (!fits(line, 4 * left)) continue;
          let right = left + 1;
          while (right < width && fits(line, 4 * right)) right++;
          span(row, left, right);
          left = right;
        }
        if (row % 16 === 0) yield;
      }
    } else {
      const seen = new Uint8Array(width * height);
      const open = [[x, y]];
      for (let steps = 0; open.length; steps++) {
        const [column, row] = open.pop();
        if (seen[row * width + column]) continue;
        const line = pixels.row(row);
        let [left, right] = [column, column + 1];
        while (left > 0 && fits(line, 4 * (left - 1))) left--;
        while (right < width && fits(line, 4 * right)) right++;
        seen.fill(1, row * width + left, row * width + right);
        span(row, left, right);
        for (const next of [row - 1, row + 1]) {
          if (next < 0 || next >= height) continue;
          const other = pixels.row(next);
          for (let i = left, inside = false; i < right; i++) {
            const open1 = !seen[next * width + i] && fits(other, 4 * i);
            if (open1 && !inside) open.push([i, next]);
            inside = open1;
          }
        }
        if (steps % 256 === 0) yield;
      }
    }
    this.refresh(0, 0, width, height);
  }

  *invert() {
    this.touch(0, 0, this.width, this.height);
    for (let y = 0; y < this.height; y++) {
      for (let i = y * this.width, end = i + this.width; i < end; i++) this.data[i] = 255 - this.data[i];
      if (y % 64 === 0) yield;
    }
    this.refresh(0, 0, this.width, this.height);
  }

  *clear() {
    this.rectangle(0, 0, this.width - 1, this.height - 1, true);
  }

  // The bounding box of the marked pixels, with a margin; null if there are none.
  bounds(margin) {
    let [left, top, right, bottom] = [this.width, -1, 0, 0];
    for (let y = 0; y < this.height; y++) {
      const row = this.data.subarray(y * this.width, (y + 1) * this.width);
      const first = row.findIndex((value) => value > 0);
      if (first < 0) continue;
      if (top < 0) top = y;
      [left, right, bottom] = [Math.min(left, first), Math.max(right, row.findLastIndex((value) => value > 0) + 1), y + 1];
    }
    return top < 0 ? null : [Math.max(0, left - margin), Math.max(0, top - margin), Math.min(this.width, right + margin), Math.min(this.height, bottom + margin)];
  }

  // Grows the marked area by a distance, or shrinks it. The picture's border does not count as an edge.
  *grow(radius, shrink) {
    const box = this.bounds(radius + 1);
    if (!box) return;
    const [left, top, right, bottom] = box;
    const [width, height] = [right - left, bottom - top];
    const far = radius + 1;
    const distance = new Uint16Array(width * height);
    const rowOf = (y) => this.data.subarray((top + y) * this.width + left, (top + y) * this.width + right);
    // The vertical distance to the nearest source pixel in each column: a pass from above, then one from below.
    for (let y = 0; y < height; y++) {
      const row = rowOf(y);
      for (let x = 0, i = y * width; x < width; x++, i++) {
        distance[i] = row[x] > 127 === !shrink ? 0 : y ? Math.min(far, distance[i - width] + 1) : far;
      }
      if (y % 64 === 0) yield;
    }
    for (let y = height - 2; y >= 0; y--) {
      for (let x = 0, i = y * width; x < width; x++, i++) distance[i] = Math.min(distance[i], distance[i + width] + 1);
      if (y % 64 === 0) yield;
    }
    const reach = Array.from({ length: far }, (_, d) => Math.floor(Math.sqrt(radius * radius - d * d)));
    const change = new Int32Array(width + 1);
    this.touch(...box);
    for (let y = 0; y < height; y++) {
      const row = rowOf(y);
      change.fill(0);
      for (let x = 0, i = y * width; x < width; x++, i++) {
        if (distance[i] < far) {
          change[Math.max(0, x - reach[distance[i]])]++;
          change[Math.min(width, x + reach[distance[i]] + 1)]--;
        }
      }
      for (let x = 0, within = 0; x < width; x++) {
        within += change[x];
        row[x] = within > 0 === !shrink ? 255 : 0;
      }
      if (y % 64 === 0) yield;
    }
    this.refresh(...box);
  }
}
