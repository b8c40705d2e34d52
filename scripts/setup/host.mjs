import { existsSync, readFileSync } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import { SetupFailure } from './failure.mjs';

/** What the set-up asks of the machine: {platform, arch, cpuFlags: string[] | null, nvidia: boolean}. */
export function readHost() {
  let cpuFlags = null;
  if (existsSync('/proc/cpuinfo')) {
    const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'));
    cpuFlags = line === null ? null : line[1].split(/\s+/);
  }
  return {
    platform: process.platform,
    arch: process.arch,
    cpuFlags,
    nvidia: existsSync('/proc/driver/nvidia/version'),
  };
}

const waysOut = `Ways out:
  - an endpoint of your own, any OpenAI-compatible server: OPENAI_BASE_URL=http://host:port/v1 npm start
    (with OPENAI_API_KEY where it asks for one)
  - vLLM's container image (vllm/vllm-openai, or its CPU variant) on a machine that can run it, started with
    --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True, then named by OPENAI_BASE_URL in the same way`;

/**
 * Why vLLM's CPU build can't run on `host`, with the ways out, or null when it can. Its x86-64 kernels are built for
 * AVX-512 and, slower, for AVX2 (vllm/platforms/cpu.py, import_kernels); nothing older has kernels.
 */
export function vllmObstacle({ host }) {
  const found = (what) =>
    `vLLM's CPU build can't run here: ${what}.\nNothing of the model stack was downloaded. ${waysOut}`;
  if (host.platform !== 'linux') return found(`the operating system is ${host.platform}, linux is needed`);
  if (host.arch === 'arm64') return null;
  if (host.arch !== 'x64') return found(`the processor is ${host.arch}, x64 or arm64 is needed`);
  if (host.cpuFlags !== null && !host.cpuFlags.some((flag) => flag === 'avx512f' || flag === 'avx2')) {
    return found('the processor has neither AVX-512 nor AVX2 (no avx512f and no avx2 in /proc/cpuinfo)');
  }
  return null;
}

/** Throws SetupFailure when the file system of `directory` has fewer than `bytes` free; says both figures. */
export async function requireDisk({ directory, bytes, what, statistics = statfs }) {
  await mkdir(directory, { recursive: true }).catch((error) => {
    throw new SetupFailure(
      `The folder ${directory} can't be made (${error.code}): choose another one with UNDERSTUDY_CACHE=/path npm start.`,
    );
  });
  const { bavail, bsize } = await statistics(directory);
  const free = bavail * bsize;
  if (free >= bytes) return;
  throw new SetupFailure(
    `Not enough disk for ${what}: ${gigabytes(bytes)} needed, ${gigabytes(free)} free in ${directory}. ` +
      `Free ${gigabytes(bytes - free)} or choose another disk with UNDERSTUDY_CACHE=/path npm start.`,
  );
}

/** Bytes as people read them: "5.5 GB". */
export const gigabytes = (bytes) => `${(bytes / 1e9).toFixed(1)} GB`;
