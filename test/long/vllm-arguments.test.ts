import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { V1Container, V1Deployment } from '@kubernetes/client-node';
import { expect } from 'chai';
import { execa } from 'execa';
import { poolManifests } from '../../src/adapters/kubernetes/manifests.js';
import type { PodSet, Pool } from '../../src/adapters/kubernetes/pool.js';
import { isWorkload, type LeaderWorkerSet } from '../../src/adapters/kubernetes/workload.js';
import { examplePool } from '../contract/support/example-pool.js';
import { modelPython } from '../contract/support/model-tools.js';

const parser = fileURLToPath(new URL('../support/parse-vllm-arguments.py', import.meta.url));
const shared: PodSet = { base: 'org/model', releaseId: null, alias: null, baked: null };
const several: Partial<Pool> = { machines: 2, gpus: { resource: 'nvidia.com/gpu', count: 4 } };

/** The containers that run vLLM, those that answer first. */
function containersOf({ set = shared, ...changes }: Partial<Pool> & { set?: PodSet }): V1Container[] {
  const pool = examplePool(changes);
  const found = poolManifests({ set, pool, namespace: 'understudy', releases: ['m-r1'] }).find(isWorkload)!;
  if (pool.machines === 1) return (found as V1Deployment).spec!.template.spec!.containers;
  const { leaderTemplate, workerTemplate } = (found as LeaderWorkerSet).spec!.leaderWorkerTemplate;
  return [leaderTemplate, workerTemplate].flatMap(({ spec }) => spec!.containers);
}

/** What a process is given after its program, with the place that the controller gives its pod. */
function argumentsOf({ command, args }: V1Container, place: number): string[] {
  const given = [...command!, ...args!];
  const program = given.findIndex((word) => word === 'serve' || word.endsWith('.api_server'));
  return given
    .slice(program + 1)
    .map((word) => word.replace('$(LWS_WORKER_INDEX)', String(place)).replace('$(LWS_LEADER_ADDRESS)', 'copy-0.copy'));
}

describe('what pods give vLLM', function () {
  this.timeout(300_000);

  it('is taken by the vLLM of the training environment, and means what it should', async function () {
    const python = await modelPython();
    const [version] = (await readdir(join(dirname(dirname(python)), 'lib'))).filter((name) =>
      name.startsWith('python'),
    );
    if (!existsSync(join(dirname(dirname(python)), 'lib', version!, 'site-packages', 'vllm'))) {
      process.stderr.write('NO VLLM HERE: what pods give it is not tried\n');
      return this.skip();
    }
    const baked = { image: 'registry.example.com/adapters:1', names: ['m-r1', 'm'] };
    const [plain] = containersOf({});
    const [withAdapter] = containersOf({ set: { ...shared, releaseId: 'm-r1', baked }, apart: true });
    const [leader, helper] = containersOf(several);
    const lists = [plain!, withAdapter!, leader!, helper!].map((one, index) => argumentsOf(one, index === 3 ? 1 : 0));
    const { stdout } = await execa(python, [parser, JSON.stringify(lists)], {
      timeout: 280_000,
      env: { VLLM_NO_USAGE_STATS: '1', DO_NOT_TRACK: '1' },
    });
    const told = stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const alone = { nnodes: 1, pipeline_parallel_size: 1, headless: false, shutdown_timeout: 100 };
    expect(told[0]).to.deep.include({ ...alone, loraModules: [] });
    const folder = '/opt/understudy/adapter';
    expect(told[1]).to.deep.include({ ...alone, loraModules: baked.names.map((name) => [name, folder]) });
    const group = { nnodes: 2, pipeline_parallel_size: 2, tensor_parallel_size: 4 };
    expect(told[2]).to.deep.include({ ...group, node_rank: 0, headless: false, shutdown_timeout: 100 });
    expect(told[3]).to.deep.include({ ...group, node_rank: 1, headless: true });
  });
});
