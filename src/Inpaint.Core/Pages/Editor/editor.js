// Connects the page with its user (pointer, keyboard, buttons) and with the command that waits in PowerShell.

const $ = (id) => document.getElementById(id);
const chosen = (name) => document.querySelector(`input[name=${name}]:checked`).value;
const choose = (name, value) => {
  const input = document.querySelector(`input[name=${name}][value=${value}]`);
  input.checked = true;
  input.dispatchEvent(new Event("change", { bubbles: true }));
};

// The key that the command gave to this tab. It survives a reload and is unknown to other tabs.
let key = sessionStorage.getItem("key") ?? "";
let [mask, view, pixels] = [];
let [saved, busy, over] = [true, false, false];
const pointers = new Map();
let stroke = null;
// The pen that touches the picture. While there is one, touches of the hand are ignored.
let pen = null;
let cursor = null;
let spaceDown = false;

const ask = (path, options = {}) => fetch(path, { ...options, headers: { "Inpaint-Key": key }, cache: "no-store" });

function finish(title, text) {
  over = true;
  $("app").hidden = true;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  $("message").hidden = false;
  $("messageTitle").textContent = title;
  $("messageText").textContent = text;
}

function tell(text) { $("status").textContent = text; }

// The command keeps this response open. When it ends, the command has ended, unless only the connection broke.
async function stayConnected() {
  const endings = {
    saved: ["The mask is saved", "Return to PowerShell. You can close this tab."],
    timeout: ["The time limit has expired", "The command waited as long as its -TimeoutSec allows. Nothing was written."],
    stopped: ["The command was stopped", "Nothing was written. You can close this tab."],
  };
  for (let failures = 0; !over && failures < 3;) {
    let last = "";
    try {
      const answer = await ask("alive");
      if (!answer.ok) break;
      failures = 0;
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let part; !(part = await reader.read()).done;) last = part.value.trim() || last;
    } catch {
      // Reported below if reconnecting fails, too.
    }
    if (over) return;
    if (endings[last]) return finish(...endings[last]);
    failures++;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  if (!over) finish("The command has ended", "This page is no longer connected to PowerShell. Nothing more can be saved from it.");
}

async function start() {
  const answer = await ask("open", { method: "POST" });
  if (answer.status === 409) return finish("This mask is being painted in another tab", "Continue there, or close that tab and run the command again.");
  if (!answer.ok) throw new Error((await answer.text()) || answer.statusText);
  const about = await answer.json();
  sessionStorage.setItem("key", (key = about.key));
  stayConnected();
  document.title = `${about.name} · mask`;
  $("name").textContent = about.name;
  $("size").textContent = `${about.width} × ${about.height}`;
  const picture = await ask("picture");
  if (!picture.ok) throw new Error(await picture.text());
  const file = await picture.blob();
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    bitmap = { width: 0, height: 0 };
  }
  if (bitmap.width !== about.width || bitmap.height !== about.height) {
    await ask("failed", { method: "POST" });
    return finish("This browser cannot show the picture", `It has ${about.width} × ${about.height} pixels. Nothing was written.`);
  }
  mask = new Mask(about.width, about.height);
  if (about.mask) mask.load(new Uint8Array(await (await ask("mask")).arrayBuffer()));
  $("message").hidden = true;
  $("app").hidden = false;
  pixels = new Pixels(bitmap, about.width, about.height);
  view = new View($("stage"), bitmap, about.width, about.height, mask);
  view.onmove = () => {
    $("percent").textContent = `${Math.round(view.scale * 100)}%`;
    showOutline();
  };
  $("brushSize").value = toSlider(Math.max(4, Math.round(Math.max(about.width, about.height) / 25)));
  for (const input of $("panel").elements) input.dispatchEvent(new Event("input", { bubbles: true }));
  showHistory();
  $("overlay").focus({ preventScroll: true });
  tell("Paint over the part to repaint.");
  await view.shrink();
}

$("panel").addEventListener("input", () => {
  $("brushSizeOut").value = `${brushSize()} px`;
  $("hardnessOut").value = `${$("hardness").value} %`;
  $("toleranceOut").value = $("tolerance").value;
  $("opacityOut").value = `${$("opacity").value} %`;
  view.setTint($("tint").value, $("opacity").value / 100);
  showOutline();
});
$("panel").addEventListener("change", () => {
  for (const set of document.querySelectorAll("[data-for]")) set.hidden = set.dataset.for !== chosen("tool");
  view.mode = chosen("show");
  view.move();
  showCursor();
});
$("panel").addEventListener("submit", (event) => event.preventDefault());

const overlay = $("overlay");
const placeOf = (event) => {
  const box = overlay.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
};
const pointOf = (event) => view.toPicture(...placeOf(event));

overlay.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  overlay.focus({ preventScroll: true });
  if (pen !== null && event.pointerType === "touch") return;
  if (event.pointerType === "pen") {
    pen = event.pointerId;
    if (pointers.size) giveUp();
    pointers.clear();
  }
  overlay.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, placeOf(event));
  if (pointers.size === 2) {
    giveUp();
    stroke = { pan: true };
  } else if (pointers.size === 1 && !busy) {
    cursor = pointOf(event);
    // The bits of the buttons: 1 left, 2 right, 4 middle, 32 eraser of a pen.
    const other = event.altKey || (event.buttons & 34) !== 0;
    if (spaceDown || event.buttons & 4) stroke = { pan: true };
    else begin(cursor, (chosen("mode") === "erase") !== other);
  }
  showCursor();
  showOutline();
});

overlay.addEventListener("pointermove", (event) => {
  if (pen !== null && pen !== event.pointerId) return;
  const now = placeOf(event);
  const before = pointers.get(event.pointerId);
  cursor = pointOf(event);
  $("position").textContent = inside(cursor) ? `${Math.floor(cursor[0])}, ${Math.floor(cursor[1])}` : "";
  if (stroke?.pan && before) {
    const others = [...pointers].filter(([id]) => id !== event.pointerId);
    if (others.length) {
      const [x, y] = others[0][1];
      const apart = (p) => Math.hypot(p[0] - x, p[1] - y);
      view.zoom(apart(now) / Math.max(1, apart(before)), (now[0] + x) / 2, (now[1] + y) / 2);
      view.pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
    } else {
      view.pan(now[0] - before[0], now[1] - before[1]);
    }
  } else if (stroke && before) {
    const events = event.getCoalescedEvents?.() ?? [];
    for (const part of events.length ? events : [event]) go(pointOf(part));
  }
  if (before) pointers.set(event.pointerId, now);
  showOutline();
});

// Returns whether the lifted pointer was being tracked.
function lift(event) {
  if (pen === event.pointerId) pen = null;
  return pointers.delete(event.pointerId);
}

overlay.addEventListener("pointerup", (event) => {
  if (!lift(event)) return;
  if (stroke && !stroke.pan) end();
  else if (!pointers.size) stroke = null;
  if (event.pointerType === "touch") cursor = null;
  showCursor();
  showOutline();
});
overlay.addEventListener("pointercancel", (event) => lift(event) && giveUp());
overlay.addEventListener("pointerleave", () => {
  if (stroke) return;
  cursor = null;
  $("position").textContent = "";
  showOutline();
});
overlay.addEventListener("contextmenu", (event) => event.preventDefault());
overlay.addEventListener("wheel", (event) => {
  event.preventDefault();
  if (!stroke) view.zoom(2 ** (-Math.sign(event.deltaY) * Math.min(0.25, Math.abs(event.deltaY) / 200)), ...placeOf(event));
}, { passive: false });

// Painting without a pointer: the arrow keys move the brush, Enter paints at its position.
function steer(event) {
  const step = (event.shiftKey ? 10 : 1) * Math.max(1, Math.round(brushSize() / 8));
  const [x, y] = cursor ?? [mask.width / 2, mask.height / 2];
  const [dx, dy] = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key] ?? [0, 0];
  cursor = [Math.min(mask.width - 0.5, Math.max(0.5, x + dx)), Math.min(mask.height - 0.5, Math.max(0.5, y + dy))];
  cursor.byKeyboard = true;
  $("position").textContent = `${Math.floor(cursor[0])}, ${Math.floor(cursor[1])}`;
  if (event.key === "Enter" && !busy) {
    if (stroke?.from || stroke?.points) {
      go(cursor);
      end();
    } else {
      begin(cursor, (chosen("mode") === "erase") !== event.altKey);
      if (stroke?.tool === "brush") end();
    }
  } else if (stroke) {
    go(cursor);
  }
  showOutline();
}

const keys = {
  b: () => choose("tool", "brush"), r: () => choose("tool", "rectangle"), l: () => choose("tool", "lasso"), f: () => choose("tool", "fill"),
  p: () => choose("mode", "paint"), e: () => choose("mode", "erase"),
  i: () => work("Inverting", mask.invert()),
  m: () => choose("show", { overlay: "mask", mask: "picture", picture: "overlay" }[chosen("show")]),
  "[": () => setBrushSize(Math.min(brushSize() - 1, Math.round(brushSize() / 1.15))), "]": () => setBrushSize(Math.max(brushSize() + 1, Math.round(brushSize() * 1.15))),
  "{": () => nudge("hardness", -10), "}": () => nudge("hardness", 10),
  "+": () => view.zoom(1.25), "=": () => view.zoom(1.25), "-": () => view.zoom(0.8), 0: () => view.fit(), 1: () => view.zoom(1 / view.scale),
  "?": () => $("help").showModal(),
  escape: giveUp,
};

function nudge(id, by) {
  $(id).value = Number($(id).value) + by;
  $(id).dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("keydown", (event) => {
  if (!view || over || document.querySelector("dialog[open]")) return;
  const name = event.key.toLowerCase();
  const command = event.ctrlKey || event.metaKey;
  if (command) {
    const action = { z: event.shiftKey ? redo : undo, y: redo, s: save, enter: save }[name];
    if (action) {
      event.preventDefault();
      action();
    }
    return;
  }
  if (event.target.matches("input[type=number]")) return;
  if (event.target === overlay && (event.key.startsWith("Arrow") || event.key === "Enter")) {
    event.preventDefault();
    steer(event);
  } else if (event.key === " " && !event.target.matches("button, input")) {
    event.preventDefault();
    spaceDown = true;
    showCursor();
    showOutline();
  } else if (keys[name] && (!event.altKey || name === "escape")) {
    event.preventDefault();
    keys[name]();
  }
});
document.addEventListener("keyup", (event) => {
  if (event.key !== " " || !view) return;
  spaceDown = false;
  showCursor();
});

function undo() {
  if (!busy && !stroke && mask.undo()) saved = false;
  showHistory();
}

function redo() {
  if (!busy && !stroke && mask.redo()) saved = false;
  showHistory();
}

async function save() {
  if (busy || stroke || over) return;
  busy = true;
  showCursor();
  $("save").disabled = true;
  tell("Saving …");
  try {
    const answer = await ask("save", { method: "POST", body: mask.data });
    if (answer.ok) {
      saved = true;
      finish("The mask is saved", `${await answer.text()} — return to PowerShell. You can close this tab.`);
      return;
    }
    tell(`Not saved: ${await answer.text()}`);
  } catch {
    tell("Not saved: PowerShell does not respond.");
  }
  busy = false;
  $("save").disabled = false;
  showCursor();
}

async function cancel() {
  if (!saved) {
    $("discard").returnValue = "keep";
    $("discard").showModal();
    await new Promise((resolve) => $("discard").addEventListener("close", resolve, { once: true }));
    if ($("discard").returnValue !== "discard") return;
  }
  saved = true;
  await ask("cancel", { method: "POST" }).catch(() => {});
  finish("Cancelled", "Nothing was written. You can close this tab.");
}

const buttons = {
  undo, redo, save, cancel,
  zoomIn: keys["+"], zoomOut: keys["-"], zoomFit: keys[0], zoomReset: keys[1], helpButton: keys["?"],
  invert: keys.i, clear: () => work("Clearing", mask.clear()),
  grow: () => work("Growing", mask.grow(radius(), false)), shrink: () => work("Shrinking", mask.grow(radius(), true)),
};
for (const [id, action] of Object.entries(buttons)) $(id).addEventListener("click", () => action());

const radius = () => Math.min(500, Math.max(1, Math.round(Number($("by").value)) || 1));

window.addEventListener("beforeunload", (event) => {
  if (!saved && !over) event.preventDefault();
});
window.addEventListener("pagehide", () => {
  if (!over && key) ask("leave", { method: "POST", keepalive: true }).catch(() => {});
});

start().catch((error) => finish("The picture could not be opened", error.message));
