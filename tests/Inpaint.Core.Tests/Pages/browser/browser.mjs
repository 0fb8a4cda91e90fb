// Does one thing with a page in a real browser and prints what came of it as one line of JSON.
// usage: node browser.mjs <scenario> <address>; the browser's name comes in the environment (BROWSER).
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";

const [, , scenario, address] = process.argv;
const { chromium } = createRequire(pathToFileURL(`${process.cwd()}/`))("playwright-core");
const browser = await chromium.launch({
  executablePath: process.env.PATH.split(delimiter).map((folder) => join(folder, process.env.BROWSER)).find(existsSync),
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, hasTouch: true });
const page = await context.newPage();
const complaints = [];
page.on("pageerror", (error) => complaints.push(error.message));
page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));

const open = async () => {
  await page.goto(address);
  await page.waitForSelector("#app:not([hidden])");
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
};

// Where a point of the picture lies in the window.
const place = (x, y) => page.evaluate(([px, py]) => {
  const box = document.getElementById("overlay").getBoundingClientRect();
  return [box.left + view.left + px * view.scale, box.top + view.top + py * view.scale];
}, [x, y]);

const drag = async (...points) => {
  await page.mouse.move(...(await place(...points[0])));
  await page.mouse.down();
  for (const point of points.slice(1)) await page.mouse.move(...(await place(...point)), { steps: 4 });
  await page.mouse.up();
};

// A touch screen: each call says which fingers are down, at points of the picture.
const fingers = async () => {
  const session = await context.newCDPSession(page);
  const send = async (type, ...points) => {
    const touchPoints = [];
    for (const [id, point] of points.entries()) {
      const [x, y] = await place(...point);
      touchPoints.push({ id, x, y });
    }
    await session.send("Input.dispatchTouchEvent", { type, touchPoints });
  };
  return { send, session };
};

const setBrush = (size) => page.evaluate((wanted) => setBrushSize(wanted), size);
const message = async () => {
  await page.waitForSelector("#message:not([hidden])");
  return page.textContent("#messageTitle");
};
const save = async () => {
  await page.click("#save");
  return message();
};
const marked = () => page.evaluate(() => mask.marked);

const scenarios = {
  // A stroke, a rectangle, a lasso; then the eraser across the stroke.
  paint: async () => {
    await open();
    await setBrush(9);
    await drag([20.5, 30.5], [60.5, 30.5]);
    await page.keyboard.press("r");
    await drag([70.5, 10.5], [89.5, 24.5]);
    await page.keyboard.press("l");
    await drag([10, 50], [50, 50], [50, 70], [10, 70]);
    await page.keyboard.press("b");
    await page.keyboard.press("e");
    await setBrush(5);
    await drag([40.5, 20.5], [40.5, 40.5]);
    return { title: await save() };
  },

  undo: async () => {
    await open();
    await setBrush(9);
    const counts = [];
    await drag([20.5, 30.5], [60.5, 30.5]);
    counts.push(await marked());
    await page.keyboard.press("i");
    await page.waitForFunction(() => !busy);
    counts.push(await marked());
    await page.keyboard.press("Control+z");
    counts.push(await marked());
    await page.keyboard.press("Control+z");
    counts.push(await marked());
    await page.keyboard.press("Control+Shift+z");
    counts.push(await marked());
    return { counts, title: await save() };
  },

  // The picture is red in its left half and blue in its right.
  fill: async () => {
    await open();
    await page.keyboard.press("f");
    await page.mouse.click(...(await place(20, 20)));
    await page.waitForFunction(() => !busy && mask.done.length === 1);
    await page.fill("#by", "3");
    await page.click("#shrink");
    await page.waitForFunction(() => !busy && mask.done.length === 2);
    await page.click("#grow");
    await page.waitForFunction(() => !busy && mask.done.length === 3);
    return { title: await save() };
  },

  keyboard: async () => {
    await open();
    await setBrush(7);
    await page.focus("#overlay");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    return { marked: await marked(), title: await save() };
  },

  secondTab: async () => {
    await open();
    const other = await context.newPage();
    await other.goto(address);
    await other.waitForSelector("#message:not([hidden]) h1:not(:text('Opening'))");
    const told = await other.textContent("#messageTitle");
    await setBrush(9);
    await drag([20.5, 30.5], [60.5, 30.5]);
    return { told, title: await save() };
  },

  reload: async () => {
    await open();
    await page.reload();
    await page.waitForSelector("#app:not([hidden])");
    await setBrush(9);
    await drag([20.5, 30.5], [60.5, 30.5]);
    return { title: await save() };
  },

  // One finger paints; a second one takes the stroke back, and the two move and zoom.
  touch: async () => {
    await open();
    await setBrush(9);
    const { send } = await fingers();
    await send("touchStart", [20.5, 30.5]);
    for (let x = 24.5; x <= 60.5; x += 4) await send("touchMove", [x, 30.5]);
    await send("touchEnd");
    const strokes = [await marked()];
    const before = await page.evaluate(() => [view.scale, view.left, view.top]);
    await send("touchStart", [30.5, 60.5]);
    await send("touchMove", [34.5, 60.5]);
    await send("touchStart", [34.5, 60.5], [60.5, 60.5]);
    await send("touchMove", [30.5, 60.5], [64.5, 60.5]);
    await send("touchMove", [24.5, 60.5], [70.5, 60.5]);
    await send("touchEnd");
    strokes.push(await marked());
    const after = await page.evaluate(() => [view.scale, view.left, view.top]);
    return { strokes, before, after, steps: await page.evaluate(() => mask.done.length), title: await save() };
  },

  // A pen paints, its far end erases, and a hand that lies down beside it changes nothing.
  pen: async () => {
    await open();
    await setBrush(9);
    const { send, session } = await fingers();
    const pen = async (type, x, y, button = "left", buttons = 1) => {
      const [px, py] = await place(x, y);
      await session.send("Input.dispatchMouseEvent", { type, x: px, y: py, button, buttons, pointerType: "pen", clickCount: 1 });
    };
    await pen("mousePressed", 20.5, 30.5);
    for (let x = 24.5; x <= 40.5; x += 4) await pen("mouseMoved", x, 30.5);
    await send("touchStart", [70.5, 70.5]);
    await send("touchMove", [74.5, 72.5]);
    await send("touchEnd");
    for (let x = 44.5; x <= 60.5; x += 4) await pen("mouseMoved", x, 30.5);
    await pen("mouseReleased", 60.5, 30.5, "left", 0);
    return { marked: await marked(), steps: await page.evaluate(() => mask.done.length), title: await save() };
  },

  cancel: async () => {
    await open();
    await drag([20.5, 30.5], [60.5, 30.5]);
    await page.click("#cancel");
    await page.click("#discard [value=discard]");
    return { title: await message() };
  },

  close: async () => {
    await open();
    await page.close({ runBeforeUnload: false });
    return {};
  },

  // Another page, of another origin, tries what a hostile one would.
  foreign: async () => {
    await open();
    const key = await page.evaluate(() => key);
    const site = createServer((_, response) => response.setHeader("Content-Type", "text/html").end("<p>hello</p>")).listen(0, "127.0.0.1");
    await new Promise((resolve) => site.once("listening", resolve));
    const other = await context.newPage();
    await other.goto(`http://localhost:${site.address().port}/`);
    const results = await other.evaluate(async ([url, secret]) => {
      const attempt = async (path, options) => {
        try {
          const answer = await fetch(url + path, options);
          return `${answer.type} ${answer.status}`;
        } catch {
          return "refused";
        }
      };
      return [
        await attempt("open", { method: "POST" }),
        await attempt("cancel", { method: "POST", headers: { "Inpaint-Key": secret } }),
        await attempt("picture", { headers: { "Inpaint-Key": secret } }),
        await attempt("cancel", { method: "POST", mode: "no-cors" }),
      ];
    }, [address, key]);
    site.close();
    return { results, title: await save() };
  },

  gallery: async () => {
    const dialogs = [];
    page.on("dialog", (dialog) => dialogs.push(dialog.message()) && dialog.dismiss());
    const requests = [];
    page.on("request", (request) => /^https?:/.test(request.url()) && requests.push(request.url()));
    await page.goto(address);
    const cards = await page.locator("#cards li").count();
    await page.locator("#cards button").first().click();
    await page.waitForSelector("#viewer[open]");
    const facts = await page.textContent("#facts");
    const loaded = await page.waitForFunction(() => document.getElementById("after").naturalWidth > 0).then(() => true);
    await page.keyboard.press("m");
    const mask = await page.locator("#tint").isVisible();
    await page.keyboard.press("ArrowRight");
    const second = await page.textContent("#facts");
    await page.keyboard.press("Escape");
    await page.selectOption("#state", "failed");
    const failed = await page.locator("#cards li:visible").count();
    const name = await page.locator("#cards li:visible .name").first().textContent();
    const ran = await page.evaluate(() => window.ran ?? null);
    return { cards, facts, loaded, mask, second, failed, name, ran, dialogs, requests, totals: await page.textContent("#totals") };
  },
};

try {
  console.log(JSON.stringify({ ...(await scenarios[scenario]()), complaints }));
} finally {
  await browser.close();
}
