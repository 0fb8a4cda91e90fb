// Runs one scenario of fal's own client against an emulator and prints what the client made of it as one line of JSON.
// usage: node client.mjs <scenario> <base address>; the picture and mask come as data URIs in the environment (IMAGE, MASK).
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [, , scenario, base] = process.argv;
const require = createRequire(pathToFileURL(`${process.cwd()}/`));
const { createFalClient } = require("@fal-ai/client");

const hosts = {
  "https://queue.fal.run": `${base}/queue`,
  "https://fal.run": `${base}/run`,
  "https://rest.fal.ai": `${base}/rest`,
};

const toEmulator = async (request) => {
  const { origin } = new URL(request.url);
  if (!(origin in hosts)) {
    throw new Error(`the client asks ${origin}, which the emulator does not stand for`);
  }
  return { ...request, url: hosts[origin] + request.url.slice(origin.length) };
};

const connect = (credentials = "test-id:test-secret") => createFalClient({ credentials, requestMiddleware: toEmulator });

const model = "fal-ai/flux-lora/inpainting";
const input = (more = {}) => ({
  prompt: "an empty bench",
  image_url: process.env.IMAGE,
  mask_url: process.env.MASK,
  output_format: "png",
  ...more,
});

const bytesOf = (dataUri) => Buffer.from(dataUri.split(",")[1], "base64");

const subscribe = async (options) => {
  const updates = [];
  const result = await connect().subscribe(model, {
    input: input({ seed: 42 }),
    logs: true,
    onQueueUpdate: (update) => updates.push({ status: update.status, position: update.queue_position, logs: (update.logs ?? []).map((log) => log.message) }),
    ...options,
  });
  return { updates, requestId: result.requestId, data: result.data };
};

const failure = async (work) => {
  try {
    await work();
    return { error: null };
  } catch (error) {
    return { error: error.name, status: error.status, body: error.body, requestId: error.requestId };
  }
};

const scenarios = {
  poll: () => subscribe({ mode: "polling", pollInterval: 5 }),

  stream: () => subscribe({ mode: "streaming", connectionMode: "server" }),

  upload: async () => {
    const fal = connect();
    const url = await fal.storage.upload(new File([bytesOf(process.env.IMAGE)], "dog.png", { type: "image/png" }));
    const result = await fal.subscribe(model, { input: input({ image_url: url }), pollInterval: 5 });
    const { url: output } = result.data.images[0];
    const file = await fetch(output);
    return { url, type: file.headers.get("content-type"), bytes: (await file.arrayBuffer()).byteLength, image: result.data.images[0] };
  },

  // A blob in the input is uploaded by the client itself.
  blob: async () => {
    const blob = new Blob([bytesOf(process.env.MASK)], { type: "image/png" });
    const result = await connect().subscribe(model, { input: input({ mask_url: blob }), pollInterval: 5 });
    return { images: result.data.images.length };
  },

  // Above 90 MiB the client uploads in parts.
  multipart: async () => {
    const size = 90 * 1024 * 1024 + 5;
    const url = await connect().storage.upload(new File([new Uint8Array(size).fill(7)], "large.bin", { type: "application/octet-stream" }));
    const file = Buffer.from(await (await fetch(url)).arrayBuffer());
    return { same: file.equals(Buffer.alloc(size, 7)) };
  },

  cancel: async () => {
    const fal = connect();
    const { request_id: requestId } = await fal.queue.submit(model, { input: input() });
    const before = await fal.queue.status(model, { requestId });
    await fal.queue.cancel(model, { requestId });
    const after = await fal.queue.status(model, { requestId });
    const again = await failure(() => fal.queue.cancel(model, { requestId }));
    return { before: before.status, after: after.status, again };
  },

  run: async () => {
    const result = await connect().run(model, { input: input() });
    return { requestId: result.requestId, images: result.data.images.length };
  },

  preview: async () => {
    const stream = await connect().stream("fal-ai/flux-lora", { input: { prompt: "a tiger's eye", image_size: { width: 16, height: 16 } }, connectionMode: "server" });
    let events = 0;
    for await (const event of stream) {
      events += event.images.length;
    }
    const last = await stream.done();
    return { events, final: last.images[0].url.slice(0, 11) };
  },

  invalid: () => failure(() => connect().subscribe(model, { input: input({ num_inference_steps: 99 }), pollInterval: 5 })),

  unauthorized: () => failure(() => connect("nobody:nothing").queue.submit(model, { input: input() })),

  locked: () => failure(() => connect().queue.submit(model, { input: input() })),
};

console.log(JSON.stringify(await scenarios[scenario]()));
