import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { runLine } from './run-line.js';

const examples = join(import.meta.dirname, '../../../examples');

const spec = `apiVersion: understudy/v1
model: support
base: { id: tiny }
data:
  recipe: support-tickets
  source: { kind: csv, uri: tickets.csv }
  goldenSet: v1.jsonl
evaluation:
  preset: support-deterministic
`;

const fiveMistakes = `apiVersion: understudy/v1
model: Support Assistant
base: { id: tiny }
data:
  recipe: support-tickets
  source: { kind: cvs, uri: tickets.csv }
  goldenset: v1.jsonl
  goldenSet: v1.jsonl
training:
  epochs: -1
evaluation:
  preset: support-deterministic
rollout:
  lease: soon
`;

interface Report {
  valid: boolean;
  problems: { path: string; value: unknown; expected: string; file: string; line: number; column: number }[];
}

describe('understudy validate', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-validate-'));
    await writeFile(join(folder, 'tickets.csv'), '');
    await writeFile(join(folder, 'v1.jsonl'), '');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };

  it('says that a good spec is good', async () => {
    const { code, json } = await runLine(['validate', await write('good.yaml', spec), '--json']);
    expect(json()).to.deep.equal({ valid: true, problems: [] });
    expect(code).to.equal(0);
  });

  it('names what is wrong within the prompt, also a field that is misspelt', async () => {
    const file = await write('good.yaml', `${spec}prompt: prompt.yaml\n`);
    const problemsOf = async (prompt: string) => {
      await write('prompt.yaml', prompt);
      const { code, json } = await runLine(['validate', file, '--json']);
      const { problems } = json<Report>();
      expect(code).to.equal(problems.length === 0 ? 0 : 1);
      return problems.map(({ path, value, line }) => [path, value, line]);
    };
    expect(await problemsOf('system: Be brief.\nreply: text\n')).to.deep.equal([]);
    expect(await problemsOf('system: 5\nreply: json\nmaxtokens: 12\n')).to.deep.equal([
      ['prompt.system', 5, 10],
      ['prompt.reply', 'json', 10],
      ['prompt.maxtokens', 12, 10],
    ]);
    for (const broken of ['', '- a', 'system: [']) expect(await problemsOf(broken), broken).to.have.length(1);
  });

  it('lists five mistakes at once, each with path, value, expectation and the line to change', async () => {
    const file = await write('bad.yaml', fiveMistakes);
    const { code, json, stderr } = await runLine(['validate', file, '--json']);
    expect(code).to.equal(1);
    expect(stderr).to.equal('');
    const { valid, problems } = json<Report>();
    expect(valid).to.equal(false);
    const at = Object.fromEntries(problems.map(({ path, value, line }) => [path, { value, line }]));
    expect(at).to.deep.equal({
      model: { value: 'Support Assistant', line: 2 },
      'data.source.kind': { value: 'cvs', line: 6 },
      'data.goldenset': { value: 'v1.jsonl', line: 7 },
      'training.epochs': { value: -1, line: 10 },
      'rollout.lease': { value: 'soon', line: 14 },
    });
    for (const { expected } of problems) expect(expected).to.have.length.above(10);
  });

  it('points at the place, for people', async () => {
    const { stdout } = await runLine(['validate', await write('bad.yaml', fiveMistakes)]);
    expect(stdout).to.contain('rollout.lease: found "soon", expected a duration such as 450ms');
    expect(stdout).to.contain('   14 |   lease: soon\n      |          ^');
    expect(stdout).to.match(/bad\.yaml:14:10/);
    expect(stdout).to.contain('5 problems');
  });

  it('points into the overlay where that is what is wrong', async () => {
    const base = await write('base.yaml', spec);
    const overlay = await write('overlay.yaml', '# smaller\nrollout:\n  lease: soon\n');
    const { json } = await runLine(['validate', base, '--overlay', overlay, '--json']);
    expect(json<Report>().problems).to.have.length(1);
    expect(json<Report>().problems[0]).to.deep.include({ path: 'rollout.lease', file: overlay, line: 3 });
  });

  it('names a part that this version does not carry out, and files that are not there', async () => {
    const changed = spec
      .replace('v1.jsonl', 'v9.jsonl')
      .concat('retrieval: { index: policies, crossEncoder: { endpoint: "http://a:b@c/v1", model: m } }\n');
    const { code, json } = await runLine(['validate', await write('ahead.yaml', changed), '--json']);
    expect(code).to.equal(1);
    expect(json<Report>().problems.map((one) => one.path)).to.have.members([
      'retrieval.crossEncoder.endpoint',
      'data.goldenSet',
    ]);
  });

  it('says what is missing where the field is not there at all', async () => {
    const file = await write('short.yaml', 'apiVersion: understudy/v1\nmodel: support\n');
    const { json } = await runLine(['validate', file, '--json']);
    expect(json<Report>().problems.map((one) => one.path)).to.have.members(['base', 'data', 'evaluation']);
  });

  it('points at broken YAML', async () => {
    const { code, json } = await runLine(['validate', await write('broken.yaml', 'model: [a\nbase: 1\n'), '--json']);
    expect(code).to.equal(1);
    expect(json<Report>().problems[0]).to.deep.include({ path: '(document)', line: 2 });
  });

  it('could not run without a file that can be read', async () => {
    const { code, stderr } = await runLine(['validate', join(folder, 'no.yaml')]);
    expect(code).to.equal(2);
    expect(stderr).to.match(/no\.yaml: can't be read .*name a spec file that is there/);
    expect((await runLine(['validate'])).code).to.equal(2);
  });

  it('says what it expected in words of its own, once', async () => {
    const { stdout } = await runLine(['validate', await write('bad.yaml', fiveMistakes)]);
    expect(stdout).to.contain('training.epochs: found -1, expected number to be >0');
    expect(stdout).to.not.match(/expected (expected|Invalid|Too)/);
  });

  it('refuses aliases that would fill the memory, naming the file', async () => {
    const levels = Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(9)}]`);
    const file = await write('bomb.yaml', ['a0: &a0 [x]', ...levels].join('\n'));
    const { code, stderr } = await runLine(['validate', file]);
    expect(code).to.equal(2);
    expect(stderr).to.match(/bomb\.yaml: .*aliases/);
  });

  it('prints the schema that editors use, the one beside the examples', async () => {
    const { stdout } = await runLine(['validate', '--json-schema']);
    const committed = await readFile(join(examples, 'understudy.schema.json'), 'utf8');
    expect(JSON.parse(stdout), 'write it anew: understudy validate --json-schema').to.deep.equal(JSON.parse(committed));
    const check = new Ajv2020({ strict: false, validateFormats: false }).compile(JSON.parse(committed) as object);
    const document: unknown = parse(await readFile(join(examples, 'support-assistant/understudy.yaml'), 'utf8'));
    expect(check(document), JSON.stringify(check.errors)).to.equal(true);
    expect(check(parse(fiveMistakes))).to.equal(false);
  });

  it('refuses channels without a secret where the workers share this environment', async () => {
    const notify = 'notify:\n  - { kind: log }\n  - { kind: slack, channel: ml-ops, from: warning }\n';
    const path = join(folder, 'notify.yaml');
    await writeFile(path, `${spec}${notify}`);
    expect((await runLine(['validate', path])).code).to.equal(0);
    const { code, stdout, json } = await runLine(['validate', path, '--environment', '--json']);
    expect(code, stdout).to.equal(1);
    const [problem] = json<Report>().problems;
    expect(problem).to.include({ path: 'notify.1', value: 'slack ml-ops', line: 12 });
    expect(problem!.expected).to.contain('UNDERSTUDY_SLACK_WEBHOOKS');
    const webhooks = { UNDERSTUDY_SLACK_WEBHOOKS: '{"ml-ops":"https://hooks.slack.example/T0/B0/x"}' };
    expect((await runLine(['validate', path, '--environment'], webhooks)).code).to.equal(0);
  });
});
