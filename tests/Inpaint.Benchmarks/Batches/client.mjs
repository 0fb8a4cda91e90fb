// fal's own client, doing the same work: streaming or polling, several jobs at once, each picture in a file of its own.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { mkdir, readFile, writeFile } from "node:fs/promises";

const [, , mode, jobs, atOnce, emulator, folder, picture, mask] = process.argv;
const begin = performance.now();

const hosts = {
  "https://queue.fal.run": `${emulator}/queue`,
  "https://fal.run": `${emulator}/run`,
  "https://rest.fal.ai": `${emulator}/rest`,
};

const toEmulator = async (request) => {
  const { origin } = new URL(request.url);
  return { ...request, url: hosts[origin] + request.url.slice(origin.length) };
};

const dataUri = async (path) => `data:image/png;base64,${(await readFile(path)).toString("base64")}`;

if (Number(jobs) > 0) {
  const { createFalClient } = createRequire(pathToFileURL(`${process.cwd()}/`))("@fal-ai/client");
  const fal = createFalClient({ credentials: "test-id:test-secret", requestMiddleware: toEmulator });
  await mkdir(`${folder}/out`);
  let next = 0;
  const work = async () => {
    while (next < Number(jobs)) {
      next += 1;
      const input = { prompt: "a ball", seed: next, image_url: await dataUri(picture), mask_url: await dataUri(mask) };
      const how = mode === "streaming" ? { mode, connectionMode: "server" } : { mode };
      const result = await fal.subscribe("fal-ai/flux-lora/inpainting", { input, logs: true, ...how });
      const answer = await fetch(result.data.images[0].url);
      await writeFile(`${folder}/out/${result.requestId}.png`, Buffer.from(await answer.arrayBuffer()));
    }
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, work));
}

const { user, system } = process.cpuUsage();
console.log(JSON.stringify({
  wall: (performance.now() - begin) / 1000,
  cpu: (user + system) / 1e6,
  peak: await peakWorkingSet(),
}));

// On Linux, maxRSS is at least that of the process which started this one.
async function peakWorkingSet() {
  const status = process.platform === "linux" ? await readFile("/proc/self/status", "utf8") : "";
  const peak = /^VmHWM:\s*(\d+) kB$/m.exec(status);
  return (peak ? Number(peak[1]) : process.resourceUsage().maxRSS) * 1024;
}
