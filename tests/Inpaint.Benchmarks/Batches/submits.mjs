// fal's own client, doing what submits.ps1 does.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { mkdir, readFile, writeFile } from "node:fs/promises";

const [, , jobs, atOnce, emulator, folder, picture, mask] = process.argv;

const hosts = {
  "https://queue.fal.run": `${emulator}/queue`,
  "https://fal.run": `${emulator}/run`,
  "https://rest.fal.ai": `${emulator}/rest`,
};

const toEmulator = async (request) => {
  const { origin } = new URL(request.url);
  return { ...request, url: hosts[origin] + request.url.slice(origin.length) };
};

const { createFalClient } = createRequire(pathToFileURL(`${process.cwd()}/`))("@fal-ai/client");
const fal = createFalClient({ credentials: "test-id:test-secret", requestMiddleware: toEmulator });
const model = "fal-ai/flux-lora/inpainting";
const dataUri = async (path) => `data:image/png;base64,${(await readFile(path)).toString("base64")}`;
const inputOf = async (seed) => ({ prompt: "a ball", seed, image_url: await dataUri(picture), mask_url: await dataUri(mask) });
await mkdir(`${folder}/out`);

const run = async (seed) => {
  const begin = performance.now();
  let accepted;
  const onEnqueue = () => { accepted = performance.now() - begin; };
  const result = await fal.subscribe(model, { input: await inputOf(seed), logs: true, mode: "streaming", connectionMode: "server", onEnqueue });
  const answer = await fetch(result.data.images[0].url);
  await writeFile(`${folder}/out/${result.requestId}.png`, Buffer.from(await answer.arrayBuffer()));
  return accepted;
};

const waited = [];
for (let seed = 0; seed <= Number(jobs); seed += 1) {
  waited.push(await run(seed));
}

const started = [];
for (let seed = 1; seed <= Number(jobs); seed += 1) {
  const begin = performance.now();
  await fal.queue.submit(model, { input: await inputOf(seed) });
  started.push(performance.now() - begin);
}

const submits = [];
const begin = performance.now();
const work = async () => {
  while (submits.length < 4 * Number(atOnce)) {
    const index = submits.push(NaN) - 1;
    submits[index] = await run(index);
  }
};
await Promise.all(Array.from({ length: Number(atOnce) }, work));
console.log(JSON.stringify({ first: waited[0], next: waited.slice(1), started, submits, batch: performance.now() - begin }));
