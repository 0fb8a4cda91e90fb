// How the tools change the mask, and how the page shows their state. The variables are in editor.js, which follows.

// The slider is logarithmic, so that small sizes can be set precisely.
const largestBrush = () => Math.max(64, Math.round(Math.max(mask.width, mask.height) / 4));
const toSlider = (size) => (100 * Math.log(size)) / Math.log(largestBrush());
const brushSize = () => Math.max(1, Math.round(largestBrush() ** ($("brushSize").value / 100)));
const setBrushSize = (size) => {
  $("brushSize").value = toSlider(Math.min(largestBrush(), Math.max(1, size)));
  $("brushSize").dispatchEvent(new Event("input", { bubbles: true }));
};

function showCursor() {
  const list = $("overlay").classList;
  list.toggle("hand", spaceDown || stroke?.pan === true);
  list.toggle("cross", chosen("tool") !== "brush");
  list.toggle("busy", busy);
}

function showHistory() {
  $("undo").disabled = busy || !mask.done.length;
  $("redo").disabled = busy || !mask.undone.length;
  const share = (100 * mask.marked) / (mask.width * mask.height);
  $("share").textContent = `${share > 0 && share < 0.1 ? "less than 0.1" : share.toFixed(1)} % marked`;
}

function showOutline() {
  if (stroke?.points) view.shape(stroke.points, true);
  else if (stroke?.from) view.shape([stroke.from, [stroke.to[0], stroke.from[1]], stroke.to, [stroke.from[0], stroke.to[1]]], true);
  else if (cursor && chosen("tool") === "brush" && !spaceDown) view.circle(snap(cursor), brushSize());
  else if (cursor && cursor.byKeyboard) view.circle(cursor, 8 / view.scale);
  else view.outline("");
}

// Brushes of odd width are centred on a pixel, those of even width on a corner between pixels, so that each has exactly its size.
const snap = ([x, y]) => (brushSize() % 2 ? [Math.floor(x) + 0.5, Math.floor(y) + 0.5] : [Math.round(x), Math.round(y)]);

// Makes the change of the mask one step of undo.
function changed() {
  if (mask.commit()) saved = false;
  showHistory();
}

async function work(what, steps) {
  if (busy || stroke) return;
  busy = true;
  showCursor();
  tell(`${what} …`);
  mask.begin();
  for (let since = performance.now(), step = steps.next(); !step.done; step = steps.next()) {
    if (performance.now() - since > 12) {
      await new Promise((resolve) => setTimeout(resolve));
      since = performance.now();
    }
  }
  busy = false;
  changed();
  pixels.strips.clear();
  tell("");
  showCursor();
}

const inside = ([x, y]) => x >= 0 && y >= 0 && x < mask.width && y < mask.height;

function fillAt([x, y], erase) {
  if (inside([x, y])) work("Filling", mask.fill(Math.floor(x), Math.floor(y), Number($("tolerance").value), $("connected").checked, pixels, erase));
}

function draw(to, erase) {
  const end = snap(to);
  mask.stroke(...(stroke.last ?? end), ...end, brushSize(), $("hardness").value / 100, erase);
  stroke.last = end;
}

function begin(point, erase) {
  const tool = chosen("tool");
  if (tool === "fill") return fillAt(point, erase);
  mask.begin();
  stroke = { tool, erase };
  if (tool === "brush") draw(point, erase);
  else if (tool === "lasso") stroke.points = [point];
  else [stroke.from, stroke.to] = [point, point];
}

function go(point) {
  if (stroke.tool === "brush") draw(point, stroke.erase);
  else if (stroke.points) stroke.points.push(point);
  else stroke.to = point;
}

function end() {
  if (stroke.points?.length > 2) mask.polygon(stroke.points, stroke.erase);
  if (stroke.from) mask.rectangle(...stroke.from, ...stroke.to, stroke.erase);
  stroke = null;
  changed();
  showOutline();
}

function giveUp() {
  if (stroke && !stroke.pan) mask.rollback();
  stroke = null;
  showOutline();
}
