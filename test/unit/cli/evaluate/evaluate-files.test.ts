import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { parseDocument } from 'htmlparser2';
import type { Verdict } from '../../../../src/domain/release/verdict.js';
import { evaluateWorld, type EvaluateWorld } from './evaluate-world.js';

interface Printed {
  evaluation: string;
  verdict: string;
  verdicts: (Verdict & { interval: { low: number; high: number } | null })[];
  evidenceDigest: string;
  leftOut: { metric: string; reason: string }[];
  attempt: number;
}

describe('understudy evaluate on files', function () {
  this.timeout(60_000);
  let world: EvaluateWorld;
  beforeEach(async () => {
    world = await evaluateWorld();
    await world.answers('good.jsonl', world.mostly(16, 1));
    await world.answers('fair.jsonl', world.mostly(2));
    await world.answers('poor.jsonl', () => 'Parcel number unknown, or so they say');
  });
  afterEach(() => world.close());

  const compare = (candidate: string, against: string, ...more: string[]) =>
    world.evaluate('--candidate', world.path(candidate), '--against', world.path(against), ...more);

  it('passes a candidate that is better, with intervals, and shows it again in any format', async () => {
    const ran = await compare('good.jsonl', 'fair.jsonl', '--json');
    expect(ran.code, ran.stderr).to.equal(0);
    expect(ran.stderr).to.contain('warning: 60 cases can show');
    const { evaluation, verdict, verdicts, leftOut, attempt } = ran.json<Printed>();
    expect({ verdict, attempt }).to.deep.equal({ verdict: 'pass', attempt: 1 });
    expect(leftOut).to.deep.include({
      metric: 'faithfulness',
      reason: 'preset support-deterministic does without a judge',
    });
    const superior = verdicts.find((one) => one.gate === 'superior tokenF1')!;
    expect(superior.interval!.low).to.equal(superior.bound);
    expect(superior.interval!.high).to.be.greaterThan(superior.value!);
    const f1 = verdicts.find((one) => one.gate === 'tokenF1 >= 0.65')!;
    expect(f1.interval!.low).to.equal(f1.bound);

    const text = (await world.run('evaluate', 'show', evaluation)).stdout;
    expect(text.startsWith('PASS  good.jsonl against fair.jsonl')).to.equal(true);
    expect(text).to.contain('superior tokenF1').and.to.contain('95 % interval').and.to.contain(evaluation);
    expect((await compare('good.jsonl', 'fair.jsonl', '--json')).json<Printed>()).to.deep.equal(ran.json());
  });

  it('fails a candidate that is worse, with exit code 1 and the reason in every format', async () => {
    const out = world.path('junit.xml');
    const ran = await compare('poor.jsonl', 'fair.jsonl', '--format', 'junit', '--out', out);
    expect(ran.code).to.equal(1);
    expect(ran.stdout)
      .to.match(/^FAIL {2}poor\.jsonl against fair\.jsonl/)
      .and.to.contain(`junit: ${out}`);
    const junit = parseDocument(await readFile(out, 'utf8'), { xmlMode: true });
    const find = (name: string) => elements(junit).filter((one) => one.name === name);
    const [suite] = find('testsuite');
    expect(find('testcase').length).to.equal(Number(suite!.attribs['tests']));
    expect(find('failure').length).to.equal(Number(suite!.attribs['failures'])).and.to.be.greaterThan(0);
    const superior = find('failure').find((one) => one.attribs['message']?.includes('more than 5 % better: no'));
    expect(superior?.attribs['type']).to.equal('fail');

    const { evaluation } = (await compare('poor.jsonl', 'fair.jsonl', '--json')).json<Printed>();
    const comment = (await world.run('evaluate', 'show', evaluation, '--format', 'github')).stdout;
    expect(comment).to.contain('### ❌ Fail').and.to.contain('| ❌ fail | superior tokenF1 |');
    expect(comment).to.contain('Worst regressions (3)').and.to.contain('**unknown, or so they say**');
    expect(comment.length).to.be.lessThan(8000);
    const page = world.path('page.html');
    expect((await world.run('evaluate', 'show', evaluation, '--format', 'html', '--out', page)).code).to.equal(0);
    const html = await readFile(page, 'utf8');
    expect(html)
      .to.contain('unknown, or so they say</ins>')
      .and.to.contain('Worst regressions')
      .and.to.contain('category=delay');
    expect(html).not.to.contain('<script');
  });

  it('holds a candidate alone against the limits', async () => {
    const ran = await world.evaluate('--candidate', world.path('good.jsonl'));
    expect(ran.code).to.equal(0);
    expect(ran.stdout).to.contain('Nothing was compared').and.not.to.contain('superior');
  });

  it('names answers that are missing or of no case, and never takes them for a score', async () => {
    const rows = world.cases.slice(5).map(({ id, reference }) => ({ id, answer: reference }));
    await world.write('some.jsonl', world.lines([...rows, { id: 'stranger', answer: 'x' }]));
    const ran = await world.evaluate('--candidate', world.path('some.jsonl'), '--json');
    expect(ran.code).to.equal(1);
    expect(ran.stderr).to.contain('cases that the golden set does not have: stranger');
    const { verdict, verdicts } = ran.json<Printed>();
    expect(verdict).to.equal('unmeasured');
    expect(verdicts.find((one) => one.gate === 'unmeasured')?.reason).to.contain('g0, g1, g2, g3, g4');

    await world.write('other.jsonl', world.lines([{ id: 'elsewhere', answer: 'x' }]));
    const other = await world.evaluate('--candidate', world.path('other.jsonl'));
    expect(other.code).to.equal(2);
    expect(other.stderr).to.contain('none of its ids is in the golden set, such as elsewhere');
    await world.write('bad.jsonl', '{"id":"g1","answer":7}\nno json\n');
    const bad = await world.evaluate('--candidate', world.path('bad.jsonl'));
    expect(bad.code).to.equal(2);
    expect(bad.stderr).to.contain('bad.jsonl:1: answer').and.to.contain('bad.jsonl:2: expected a JSON object');
  });

  it('reads files as editors and scripts write them, names what is there twice, and counts no attempt for a bad file', async () => {
    const rows = world.cases.map(({ id, reference }) => ({ id, answer: reference }));
    await world.write('marked.jsonl', `\ufeff${world.lines([...rows, rows[3]])}`);
    await world.write('python.jsonl', `${world.lines(rows.slice(1))}{"id": "g0", "answer": NaN}\n`);
    const python = await world.evaluate('--candidate', world.path('python.jsonl'));
    expect(python.code).to.equal(2);
    expect(python.stderr).to.contain(`python.jsonl:${rows.length}`).and.to.contain('JSON has no NaN, write null');
    const before = await world.evaluate('--candidate', world.path('marked.jsonl'), '--json');
    expect(before.stderr).to.contain('more than once, which leaves them unmeasured: g3');
    await world.evaluate('--candidate', world.path('python.jsonl'));
    await world.write('plain.jsonl', world.lines(rows));
    const after = await world.evaluate('--candidate', world.path('plain.jsonl'), '--json');
    expect(after.json<Printed>().attempt).to.equal(before.json<Printed>().attempt + 1);
  });

  it('lets no file speak to the terminal, whatever it is quoted for', async () => {
    await world.write('escape.jsonl', '\u001b]0;owned\u0007 no JSON\n');
    const refused = await world.evaluate('--candidate', world.path('escape.jsonl'));
    expect(refused.code).to.equal(2);
    expect(refused.stderr).to.contain('expected a JSON object').and.to.contain('owned').and.not.to.contain('\u001b');
    const rows = world.cases.map(({ id, reference }) => ({ id, answer: reference }));
    await world.write('stranger.jsonl', world.lines([...rows, { id: 'x\u001b[2J', answer: 'y' }]));
    const warned = await world.evaluate('--candidate', world.path('stranger.jsonl'));
    expect(warned.stderr).to.contain('does not have: x').and.not.to.contain('\u001b');
  });

  it('refuses a comparison that the golden set can not show, before anything is asked', async () => {
    await world.answers('perfect.jsonl', ({ reference }) => reference);
    const ran = await compare('good.jsonl', 'perfect.jsonl', '--json');
    expect(ran.code).to.equal(1);
    const { verdict, verdicts, evaluation } = ran.json<Printed>();
    expect(verdict).to.equal('inconclusive');
    expect(verdicts[0]?.reason).to.contain('no challenger can pass');
    const junit = await world.run('evaluate', 'show', evaluation, '--format', 'junit');
    expect(junit.stdout).to.contain('<failure type="inconclusive"');
  });

  it('takes cases in the making and freezes none of them', async () => {
    await world.write('draft.jsonl', world.lines(world.cases.slice(0, 50)));
    const ran = await compare('good.jsonl', 'fair.jsonl', '--golden', world.path('draft.jsonl'), '--json');
    expect(ran.json<{ golden: { version: string } }>().golden.version).to.match(/^draft-[0-9a-f]{8}$/);
    expect((await world.run('golden', 'verify', 'draft', '--name', 'desk')).stderr).to.contain('no frozen version');
    await world.write('broken.jsonl', '{"id":"a"}\n');
    const broken = await compare('good.jsonl', 'fair.jsonl', '--golden', world.path('broken.jsonl'));
    expect(broken.code).to.equal(1);
    expect(broken.stderr).to.contain('broken.jsonl:1 input').and.to.contain('broken.jsonl:1 reference');
  });

  it('says what it needs', async () => {
    expect((await world.run('evaluate')).stderr).to.contain('needs --spec <file> and --candidate');
    const champion = await world.evaluate('--candidate', world.path('good.jsonl'), '--against', 'champion');
    expect(champion.code).to.equal(2);
    expect(champion.stderr).to.contain('desk has none in this store');
    const nothing = await world.evaluate('--candidate', 'no-such-thing');
    expect(nothing.stderr).to.contain('--candidate no-such-thing: expected an address such as');
    expect((await world.evaluate('--candidate', 'desk-r7')).stderr).to.contain('desk-r7 has neither a record nor');
    await world.specify({ baseline: { kind: 'keyword-category' } });
    const baseline = await world.evaluate('--candidate', world.path('good.jsonl'));
    expect(baseline.code).to.equal(2);
    expect(baseline.stderr).to.contain('run "understudy data build" first');
    await world.specify({ preset: 'support' });
    const judge = await world.evaluate('--candidate', world.path('good.jsonl'));
    expect(judge.code).to.equal(1);
    expect(judge.stderr).to.contain('evaluation.preset').and.not.to.contain('rollout');
    expect((await world.run('evaluate', 'show', 'desk-r9')).stderr).to.contain('desk-r9 has no evaluation');
  });
});

interface Element {
  name: string;
  attribs: Record<string, string>;
}

function elements(node: { children?: unknown }): Element[] {
  const children = (node.children ?? []) as (Partial<Element> & { children?: unknown })[];
  return children.flatMap((one) => [
    ...(one.name === undefined ? [] : [{ name: one.name, attribs: one.attribs ?? {} }]),
    ...elements(one),
  ]);
}
