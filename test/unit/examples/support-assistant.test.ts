import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parse as parseCsv } from 'csv-parse/sync';
import { parse as parseYaml } from 'yaml';
import { exampleFiles } from '../../../examples/support-assistant/generator/files.js';
import { intents } from '../../../examples/support-assistant/generator/intents.js';
import { parseGoldenSet } from '../../../src/domain/dataset/golden.js';
import { wordGrams } from '../../../src/domain/dataset/words.js';
import { answerByKeywords, learnKeywordBaseline } from '../../../src/domain/evaluation/keyword-baseline.js';
import { wordOverlap } from '../../../src/domain/evaluation/word-overlap.js';
import { promptSchema } from '../../../src/domain/release/prompt.js';
import { overlayDocuments, parseModelSpec } from '../../../src/domain/spec/model-spec.js';
import { unsupportedParts } from '../../../src/domain/spec/unsupported.js';
import { contractQuestions } from '../../gateway/support/contract-questions.js';

const folder = path.resolve(import.meta.dirname, '../../../examples/support-assistant');
const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
const tickets = (name: string): Record<string, string>[] => parseCsv(read(`data/${name}.csv`), { columns: true });
const golden = (version: string) => parseGoldenSet({ text: read(`golden/${version}.jsonl`), now: null });
const taught = (name: string) =>
  tickets(name).filter((row) => row.resolved === 'true' && row.agent_response !== '' && row.language === 'en');
const exports = ['tickets-2026-q1', 'tickets-2026-q2', 'tickets-2026-q3', 'tickets-2026-q4'] as const;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('examples/support-assistant', () => {
  it('has the files its generator makes, byte for byte', () => {
    const files = exampleFiles();
    expect([...files.keys()]).to.have.length(7);
    for (const [name, text] of files) expect(read(name) === text, `${name}: run generate.ts again`).to.equal(true);
  });

  it('holds 24 intents with ten wordings or more, each with a policy', () => {
    expect(intents).to.have.length(24);
    expect(intents.filter((intent) => intent.since === 1)).to.have.length(12);
    const policies = readdirSync(path.join(folder, 'policies'));
    expect(policies).to.have.length.at.least(12);
    for (const { category, questions, golden: held, document, since } of intents) {
      expect(new Set(questions).size, category).to.be.at.least(10);
      expect(new Set(held).size, category).to.be.at.least(since === 1 ? 7 : 5);
      expect(policies, category).to.include(document);
    }
  });

  it('adds the new intents with the second quarter and keeps every ticket number unique', () => {
    const categories = exports.map((name) => new Set(tickets(name).map((row) => row.category)).size);
    expect(categories).to.deep.equal([12, 24, 24, 25]);
    expect(tickets('tickets-2026-q2').length).to.be.within(550, 750);
    for (const name of exports) {
      const rows = tickets(name);
      expect(new Set(rows.map((row) => row.ticket_id)).size, name).to.equal(rows.length);
      for (const row of rows) expect(Number(row.rating), row.ticket_id).to.be.within(1, 5);
    }
  });

  it('has the dirt of a real desk', () => {
    const rows = tickets('tickets-2026-q2');
    expect(rows.filter((row) => row.resolved === 'false').length).to.be.above(20);
    expect(rows.filter((row) => row.agent_response === '').length).to.be.above(2);
    expect(rows.filter((row) => /&\w+;|&#\d+;/.test(row.customer_query!)).length).to.be.above(5);
    expect(rows.length - new Set(rows.map((row) => row.customer_query)).size).to.be.above(3);
    expect(rows.some((row) => row.language === 'de')).to.equal(true);
  });

  it('has readable golden sets of enough cases and clusters, of customers who sent no ticket', () => {
    const customers = new Set(exports.flatMap((name) => tickets(name).map((row) => row.customer_id)));
    for (const [version, least, categories] of [
      ['v1', 80, 12],
      ['v2', 120, 24],
    ] as const) {
      const { cases, problems, warnings } = golden(version);
      expect(problems).to.deep.equal([]);
      expect(warnings).to.deep.equal([]);
      expect(cases).to.have.length.at.least(least);
      expect(new Set(cases.map((one) => one.cluster)).size).to.be.at.least(20);
      expect(new Set(cases.map((one) => one.tags.category)).size).to.equal(categories);
      for (const one of cases) {
        expect(customers.has(one.cluster), one.id).to.equal(false);
        expect(one.relevantDocuments, one.id).to.have.length(1);
      }
    }
  });

  it('trains on no golden question, nor on eight words of one', () => {
    for (const version of ['v1', 'v2']) {
      const grams = golden(version).cases.flatMap(({ id, input }) =>
        [...wordGrams({ text: input, size: 8 })].map((gram) => [gram, id] as const),
      );
      for (const name of exports) {
        const asked = new Set(tickets(name).flatMap((row) => [...wordGrams({ text: row.customer_query!, size: 8 })]));
        expect(
          grams.filter(([gram]) => asked.has(gram)),
          `${version} in ${name}`,
        ).to.deep.equal([]);
      }
    }
  });

  it('trains on no question that the assistant is held to', () => {
    for (const name of exports) {
      const asked = new Set(tickets(name).map((row) => row.customer_query));
      for (const [question] of contractQuestions) expect(asked.has(question), `${question} in ${name}`).to.equal(false);
    }
  });

  it('asks for facts: neither the usual answer of the right category nor the keyword baseline is enough', () => {
    for (const [name, version] of [
      ['tickets-2026-q1', 'v1'],
      ['tickets-2026-q2', 'v2'],
      ['tickets-2026-q3', 'v2'],
    ] as const) {
      const rows = taught(name).map((row) => ({
        query: row.customer_query!,
        category: row.category!,
        answer: row.agent_response!,
      }));
      const baseline = learnKeywordBaseline({ rows });
      const usual = new Map(baseline.categories.map(({ category, answer }) => [category, answer]));
      const scored = golden(version).cases.map(({ input, reference, tags }) => ({
        usual: wordOverlap({ answer: usual.get(tags.category!)!, reference }).f1,
        keywords: wordOverlap({ answer: answerByKeywords({ baseline, query: input }).answer, reference }).f1,
      }));
      expect(mean(scored.map((score) => score.usual)), `usual answer, ${name} on ${version}`).to.be.below(0.6);
      expect(mean(scored.map((score) => score.keywords)), `keywords, ${name} on ${version}`).to.be.below(0.58);
    }
  });

  it('replays questions of many users, none of them a golden case', () => {
    const rows = read('data/traffic.jsonl').trim().split('\n');
    const traffic = rows.map((row) => JSON.parse(row) as { user: string; query: string });
    expect(new Set(traffic.map((row) => row.user)).size).to.be.at.least(400);
    const asked = new Set(traffic.map((row) => row.query));
    for (const { input, id } of golden('v2').cases) expect(asked.has(input), id).to.equal(false);
  });

  it('has specs that parse, and overlays that leave nothing this version can not do', () => {
    const spec: unknown = parseYaml(read('understudy.yaml'));
    expect(parseModelSpec(spec).problems).to.deep.equal([]);
    for (const overlays of [['understudy.embedded.yaml'], ['understudy.embedded.yaml', 'understudy.tiny.yaml']]) {
      const parsed = parseModelSpec(
        overlayDocuments([spec, ...overlays.map((name): unknown => parseYaml(read(name)))]),
      );
      expect(parsed.problems).to.deep.equal([]);
      expect(unsupportedParts(parsed.spec!)).to.deep.equal([]);
    }
    expect(promptSchema.safeParse(parseYaml(read('prompts/answer.yaml'))).success).to.equal(true);
  });

  it('lists three releases whose files exist', () => {
    const { releases, traffic } = parseYaml(read('demonstration.yaml')) as {
      releases: { source: string; golden: string; expect: { outcome: string } }[];
      traffic: string;
    };
    expect(releases.map((release) => release.expect.outcome)).to.deep.equal(['promoted', 'promoted', 'rolledBack']);
    for (const file of [traffic, ...releases.flatMap((release) => [release.source, release.golden])])
      expect(read(file).length, file).to.be.above(0);
  });
});
