import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bareSeconds } from './support/bare-calls.js';
import { killInTheMiddle, type Killed } from './support/evaluation-killed.js';
import { candidateModel, secondWording, writeEvaluation } from './support/evaluation-cases.js';
import {
  atOnce,
  ensureCommand,
  evaluate,
  installPromptfoo,
  promptfoo,
  runPromptfoo,
  type Promptfoo,
} from './support/evaluation-runs.js';
import { startJudgeServer, type JudgeServer } from './support/judge-server.js';
import { judgeSteps, otherCases } from './support/judge-steps.js';
import { median, report, reportMachine, spreadOf, type Measured } from './support/report.js';

const bench = 'evaluation';
const repetitions = 3;
const latencyMilliseconds = 50;
const targets = { speed: 5, overhead: 0.05, megabytes: 200, warm: 50, saved: 0.8 };

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    'memory-cases': { type: 'string', default: '100000' },
    json: { type: 'boolean', default: false },
  },
});
const cases = Number(values.cases);
const memoryCases = Number(values['memory-cases']);
/** Enough for a change and a kill, whose figures are counts and not times. */
const fewCases = Math.min(cases, 2000);
/** Where memory is plenty Node.js collects garbage late; what is needed shows under a limit of its heap. */
const heapMegabytes = 160;
/** What a process takes that judges next to nothing: the program itself. */
const programCases = 100;

interface Stage {
  server: JudgeServer;
  /** A new folder, removed at the end. */
  folder: () => Promise<string>;
}

/** JSON lines on stdout; on stderr the same for people, unless they asked for JSON alone. */
function show(measured: Measured): void {
  report(measured);
  if (values.json) return;
  const { metric, value, unit, target, ok, ratio, peer, note } = measured;
  const said = ok === null ? 'info' : ok ? 'pass' : 'FAIL';
  const held = [
    ...(ratio === undefined ? [] : [`${ratio.toFixed(1)} times ${peer}`]),
    ...(target === null ? [] : [`target ${target}`]),
    ...(note === undefined ? [] : [note]),
  ];
  process.stderr.write(`${said}  ${metric}: ${Number(value.toPrecision(4))} ${unit}; ${held.join('; ')}\n`);
}

const must = (made: boolean, what: string): void => {
  if (!made) throw new Error(`the comparison is off: ${what}`);
};

/** Whole commands, from start to verdict, in turn, so that both see the same machine. */
async function compareSpeed({ server, folder, peer }: Stage & { peer: Promptfoo }): Promise<void> {
  const files = await writeEvaluation({ folder: await folder(), cases });
  const { endpoint } = server;
  const own: number[] = [];
  const other: number[] = [];
  await server.count();
  for (let done = 0; done < repetitions; done += 1) {
    own.push(cases / (await evaluate({ files, home: join(await folder(), 'home'), endpoint })).seconds);
    must((await server.count()).judgements === cases, 'understudy did not judge every case once');
    other.push(cases / (await runPromptfoo({ peer, files, folder: await folder(), endpoint })).seconds);
    must((await server.count()).judgements === cases, 'promptfoo did not judge every case once');
  }
  const ratio = median(own.map((value, index) => value / other[index]!));
  show({
    ...{ bench, metric: `a judge that answers at once, ${cases} cases: cases a second of the whole command` },
    ...{ value: median(own), unit: 'cases/s', spread: spreadOf(own), peer: promptfoo, peerValue: median(other), ratio },
    ...{ target: `>= ${targets.speed} times the peer`, ok: ratio >= targets.speed },
    note: `peer from ${Math.round(Math.min(...other))} to ${Math.round(Math.max(...other))}; load average ${loadavg()[0]!.toFixed(1)}`,
  });
}

/** A judge with a latency, asked cold and again, by the activity that workers and the command share. */
async function judgeSlowly({ server, folder }: Stage): Promise<void> {
  const rounds = Math.ceil(cases / atOnce);
  const timed = async (warm: boolean) => {
    const judge = await judgeSteps({ folder: await folder(), cases, endpoint: server.endpoint });
    await server.count({ delayMilliseconds: latencyMilliseconds });
    const cold = await judge({ releaseId: 'bench-r1', warm });
    const served = await server.count({ delayMilliseconds: latencyMilliseconds });
    const all = cases + (warm ? otherCases : 0);
    must(cold.judged === cases && served.judgements === all, 'not every case was judged once');
    // A timer of 50 ms fires a little late: the ideal is that of the latency the server really had.
    const ideal = (rounds * served.heldMilliseconds) / 1000;
    const byTimer = (rounds * latencyMilliseconds) / 1000;
    const note = `${cold.seconds.toFixed(2)} s of judging, ideal ${ideal.toFixed(2)} s as the server held a reply ${served.heldMilliseconds.toFixed(1)} ms, ${byTimer.toFixed(2)} s at ${latencyMilliseconds} ms; load average ${loadavg()[0]!.toFixed(1)}`;
    return { judge, cold, overhead: cold.seconds / ideal - 1, note };
  };
  await server.count({ delayMilliseconds: latencyMilliseconds });
  const bare = await bareSeconds({ endpoint: server.endpoint, calls: cases, atOnce });
  const { heldMilliseconds } = await server.count();
  const bareOverhead = bare / ((rounds * heldMilliseconds) / 1000) - 1;
  const metric = `${latencyMilliseconds} ms latency, ${atOnce} at once, ${cases} cases: time over the ideal`;
  const first = await timed(false);
  show({
    ...{ bench, metric: `${metric}, in a process that has only started`, value: first.overhead, unit: 'share' },
    ...{ target: null, ok: null, note: first.note },
  });
  show({
    ...{ bench, metric: `${metric}, of a client that only sends prepared questions`, value: bareOverhead },
    ...{ unit: 'share', target: null, ok: null, note: `${bare.toFixed(2)} s` },
  });
  const workers: Awaited<ReturnType<typeof timed>>[] = [];
  for (let round = 0; round < repetitions; round += 1) workers.push(await timed(true));
  const overheads = workers.map((one) => one.overhead);
  const overhead = median(overheads);
  const { judge, cold, note } = workers.find((one) => one.overhead === overhead)!;
  show({
    ...{ bench, metric: `${metric}, in a worker that has judged ${otherCases} others` },
    ...{ value: overhead, unit: 'share', spread: spreadOf(overheads), target: `<= ${targets.overhead}` },
    ...{ ok: overhead <= targets.overhead, note },
  });
  show({
    ...{ bench, metric: 'the same: processor time a case, all threads of the judging process' },
    ...{ value: (cold.processorSeconds / cases) * 1000, unit: 'ms', target: null, ok: null },
  });
  const warm = await judge({ releaseId: 'bench-r1' });
  const asked = (await server.count({ delayMilliseconds: latencyMilliseconds })).judgements;
  const faster = cold.seconds / warm.seconds;
  const line = { bench, unit: 'calls', target: '= 0' };
  show({ ...line, metric: 'the same evaluation again: calls', value: asked, ok: asked === 0 });
  show({
    ...{ bench, metric: 'the same evaluation again: judging, times faster', value: faster, unit: 'times' },
    ...{ target: `>= ${targets.warm}`, ok: faster >= targets.warm, note: `${(warm.seconds * 1000).toFixed(0)} ms` },
  });
  const other = await judge({ releaseId: 'bench-r2' });
  const askedByOther = (await server.count()).judgements;
  show({
    ...line,
    metric: 'another evaluation of the same answers: calls',
    value: askedByOther,
    ok: askedByOther === 0,
  });
  show({
    ...{ bench, metric: 'another evaluation of the same answers: judging, times faster' },
    ...{ value: cold.seconds / other.seconds, unit: 'times', target: null, ok: null },
    note: `${other.seconds.toFixed(2)} s: every judgement is looked up by itself`,
  });
}

async function measureMemory({ server, folder }: Stage): Promise<void> {
  await server.count();
  const peakOf = async (count: number): Promise<number> => {
    const flags = [`--max-old-space-size=${heapMegabytes}`];
    const judge = await judgeSteps({ folder: await folder(), cases: count, endpoint: server.endpoint, flags });
    const { megabytes, judged } = await judge({ releaseId: 'bench-r1' });
    must(judged === count, `${judged} of ${count} cases were judged`);
    return megabytes;
  };
  const [program, all] = [await peakOf(programCases), await peakOf(memoryCases)];
  const beyond = all - program;
  show({
    ...{
      bench,
      metric: `${memoryCases} judged cases: peak memory (VmHWM) beyond the program`,
      value: beyond,
      unit: 'MB',
    },
    ...{ target: `< ${targets.megabytes}`, ok: beyond < targets.megabytes },
    note: `--max-old-space-size=${heapMegabytes}; ${all.toFixed(0)} MB in all; ${program.toFixed(0)} MB where ${programCases} cases are judged`,
  });
}

/** Another wording of the prompt: every answer is asked again, a tenth of them differ. */
async function changePrompt({ server, folder }: Stage): Promise<void> {
  const [home, fresh] = [join(await folder(), 'home'), join(await folder(), 'home')];
  const candidate = `${server.endpoint}#${candidateModel}`;
  const before = await writeEvaluation({ folder: await folder(), cases: fewCases });
  const after = await writeEvaluation({ folder: await folder(), cases: fewCases, prompt: secondWording });
  const run = async (files: typeof before, at: string) => {
    await server.count();
    const evaluated = await evaluate({ files, home: at, endpoint: server.endpoint, candidate });
    return { ...evaluated, judgements: (await server.count()).judgements };
  };
  await run(before, home);
  const [changed, anew] = [await run(after, home), await run(after, fresh)];
  const saved = 1 - changed.judgements / anew.judgements;
  const decided = ({ verdict, gates }: typeof changed): string => JSON.stringify({ verdict, gates });
  const same = decided(changed) === decided(anew);
  show({
    ...{ bench, metric: `a prompt change that touches 10 % of ${fewCases} cases: judge calls saved`, value: saved },
    ...{ unit: 'share', target: `>= ${targets.saved}, same verdict`, ok: saved >= targets.saved && same },
    note: `${changed.judgements} calls, ${anew.judgements} without what was stored; ${same ? 'same' : 'other'} verdicts and numbers at ${anew.gates.length} gates`,
  });
}

const killNote = ({ stored, answered, askedAgain }: Killed): string =>
  `killed after ${answered} replies, ${stored} of them stored; ${askedAgain} calls afterwards for ${fewCases - stored} cases without a stored judgement`;

async function killOnce({ server, folder }: Stage): Promise<void> {
  const files = await writeEvaluation({ folder: await folder(), cases: fewCases });
  const killed = await killInTheMiddle({ files, home: join(await folder(), 'home'), server });
  must(killed.stored > 0 && killed.stored < fewCases, `it was killed with ${killed.stored} cases stored`);
  const again = killed.askedAgain - (fewCases - killed.stored);
  show({
    ...{ bench, metric: 'kill -9 in the middle: stored cases judged again', value: again, unit: 'cases' },
    ...{ target: '= 0', ok: again === 0, note: killNote(killed) },
  });
}

const root = await mkdtemp(join(tmpdir(), 'understudy-bench-evaluation-'));
let folders = 0;
const folder = async (): Promise<string> => {
  const path = join(root, String((folders += 1)));
  await mkdir(path);
  return path;
};
await ensureCommand();
const peer = await installPromptfoo();
const server = await startJudgeServer();
try {
  reportMachine({ bench });
  const stage = { server, folder };
  await compareSpeed({ ...stage, peer });
  await judgeSlowly(stage);
  await measureMemory(stage);
  await changePrompt(stage);
  await killOnce(stage);
} finally {
  server.close();
  await rm(root, { recursive: true, force: true });
}
