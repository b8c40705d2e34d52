import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { evaluateWorld, type EvaluateWorld } from './evaluate-world.js';

interface Recomputed {
  equal: boolean;
  evidenceDigest: string;
  differences: { what: string; recorded: unknown; recomputed: unknown }[];
}

describe('understudy evaluate recompute', function () {
  this.timeout(60_000);
  let world: EvaluateWorld;
  let evaluation: string;
  let digest: string;
  before(async () => {
    world = await evaluateWorld();
    await world.answers('good.jsonl', world.mostly(16, 1));
    await world.answers('fair.jsonl', world.mostly(2));
    const arms = ['--candidate', world.path('good.jsonl'), '--against', world.path('fair.jsonl')];
    const ran = (await world.evaluate(...arms, '--json')).json<{ evaluation: string; evidenceDigest: string }>();
    ({ evaluation, evidenceDigest: digest } = ran);
  });
  after(() => world.close());

  const folder = (): string => join(world.path('home'), 'store', 'releases', evaluation, 'evaluation');
  const recompute = (...given: string[]) => world.run('evaluate', 'recompute', ...given, '--json');

  /** A copy of the evaluation's files with one text changed in one of them. */
  async function tampered(file: string, change: (text: string) => string): Promise<string> {
    const copy = world.path(`copy-${file}`);
    await cp(folder(), copy, { recursive: true });
    const text = await readFile(join(copy, file), 'utf8');
    expect(change(text)).not.to.equal(text);
    await writeFile(join(copy, file), change(text));
    return join(copy, 'evidence.json');
  }

  it('comes out equal, bit for bit', async () => {
    const ran = await recompute('--release', evaluation);
    expect(ran.json<Recomputed>()).to.include({ equal: true, evidenceDigest: digest });
    expect(ran.code).to.equal(0);
    const file = await world.run('evaluate', 'recompute', '--evidence', join(folder(), 'evidence.json'));
    expect(file.stdout).to.equal(`${evaluation}: equal, pass, evidence ${digest}\n`);
  });

  it('names a verdict that does not follow from the scores, with both', async () => {
    const evidence = await tampered('evidence.json', (text) => text.replace(/"value":0\.9\d+/, '"value":0.99'));
    const ran = await recompute('--evidence', evidence);
    expect(ran.code).to.equal(1);
    const [difference, ...others] = ran.json<Recomputed>().differences;
    expect(difference).to.deep.include({ recorded: 0.99 });
    expect(difference!.what).to.match(/: value$/);
    expect(others).to.deep.equal([]);
  });

  it('names a score that somebody changed', async () => {
    const evidence = await tampered('scores.jsonl', (text) => text.replace('"score":0,', '"score":1,'));
    const ran = await recompute('--evidence', evidence);
    expect(ran.code).to.equal(1);
    const { differences } = ran.json<Recomputed>();
    expect(differences[0]).to.include({ what: 'scores: SHA-256' });
    expect(differences.length).to.be.greaterThan(1);
    expect((await world.run('evaluate', 'recompute', '--evidence', evidence)).stdout).to.match(
      /DIFFERENT in \d+\n {2}scores: SHA-256: recorded [0-9a-f]{64}, recomputed [0-9a-f]{64}/,
    );
  });

  it('says what it needs', async () => {
    const one = 'recompute needs one of <id>, --release <id> and --evidence <file>';
    expect((await recompute()).stderr).to.contain(one);
    expect((await recompute('desk-r8', '--release', 'desk-r9')).stderr).to.contain(one);
    const nothing = await recompute('desk-r9');
    expect(nothing.code).to.equal(2);
    expect(nothing.stderr).to.contain('evidence.json of the evaluation is not there');
  });
});
