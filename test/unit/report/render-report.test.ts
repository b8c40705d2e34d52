import { expect } from 'chai';
import { Parser } from 'htmlparser2';
import { formatDifference, formatNumber } from '../../../src/domain/report/format.js';
import type { ReportInput } from '../../../src/domain/report/report-input.js';
import { escapeHtml, html } from '../../../src/report/html.js';
import { renderOverview } from '../../../src/report/render-overview.js';
import { renderReport } from '../../../src/report/render-report.js';
import { at } from './sample-evidence.js';
import { failedEarly, first, promoted, rejected, rolledBack } from './sample-release.js';

interface Seen {
  elements: Set<string>;
  attributes: [name: string, value: string][];
  text: string;
  ids: string[];
}

function look(document: string): Seen {
  const seen: Seen = { elements: new Set(), attributes: [], text: '', ids: [] };
  const parser = new Parser({
    onopentag: (name, attributes) => {
      seen.elements.add(name);
      seen.attributes.push(...Object.entries(attributes));
      if (attributes['id']) seen.ids.push(attributes['id']);
    },
    ontext: (text) => (seen.text += text),
  });
  parser.end(document);
  seen.text = seen.text.replace(/\s+/g, ' ');
  return seen;
}

const attack = '"><script>alert(1)</script><img src=x onerror=alert(2)>\'&';

/** Every text of a value with the attack behind it, but for those that the schema fixes. */
function poisoned<Value>(value: Value, key = ''): Value {
  const fixed = ['at', 'startedAt', 'endedAt', 'outcome', 'stage', 'kind', 'trigger', 'verdict', 'decision', 'channel'];
  if (typeof value === 'string') return (fixed.includes(key) ? value : `${value}${attack}`) as Value;
  if (Array.isArray(value)) return value.map((item) => poisoned(item as unknown, key)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, poisoned(item, name)])) as Value;
}

const samples: [string, ReportInput][] = [
  ['promoted', promoted],
  ['first', first],
  ['rolled back', rolledBack],
  ['rejected', rejected],
  ['failed early', failedEarly],
];
const overview = (releases: ReportInput[], href: string | null = 'report.html'): string =>
  renderOverview({
    model: 'support-assistant',
    releases: releases.map((release) => ({ ...release, reportHref: href })),
    notes: ['a fault was injected'],
    generatedAt: at(2000),
  });

describe('html', () => {
  it('escapes what is inserted and leaves markup alone', () => {
    expect(html`<p title="${attack}">${['a', html`<b>${'<'}</b>`, null, 5]}</p>`.text).to.equal(
      `<p title="${escapeHtml(attack)}">a<b>&lt;</b>5</p>`,
    );
    expect(escapeHtml(attack)).not.to.match(/[<>"']/);
  });
});

describe('renderReport', () => {
  for (const [name, input] of samples) {
    it(`makes one page that needs nothing else: ${name}`, () => {
      const page = renderReport(input);
      const { elements, attributes, ids } = look(page);
      for (const element of ['script', 'link', 'img', 'iframe', 'object']) expect(elements).not.to.include(element);
      const loading = attributes.filter(
        ([key, value]) => key === 'src' || (key.endsWith('href') && !value.startsWith('#')),
      );
      expect(loading).to.deep.equal([]);
      expect(page).not.to.match(/@import|url\((?!#)/);
      expect(new Set(ids).size).to.equal(ids.length);
      expect(renderReport(input)).to.equal(page);
    });

    it(`escapes everything that came from outside: ${name}`, () => {
      const { elements, attributes, text } = look(renderReport(poisoned(input)));
      expect(elements).not.to.include('script');
      expect(elements).not.to.include('img');
      expect(attributes.filter(([key]) => key.startsWith('on'))).to.deep.equal([]);
      expect(text).to.contain('<script>alert(1)</script>');
    });
  }

  it('says the verdict first, then shows the numbers of the record', () => {
    const { text } = look(renderReport(rejected));
    const body = text.slice(text.indexOf('support-assistant · '));
    expect(body.indexOf('Rejected')).to.be.within(0, 200).and.to.be.below(body.indexOf('Gates'));
    for (const { gate, reason, value, bound, limit } of rejected.record.verdicts) {
      const numbers = [value, bound, limit].map((one) => (one === null ? '–' : formatNumber(one)));
      expect(body).to.contain(`${gate} ${numbers.join(' ')}`);
      expect(body).to.contain(reason);
    }
    for (const slice of rejected.evaluation!.slices) {
      const interval = `${formatDifference(slice.low)} … ${formatDifference(slice.high)}`;
      expect(body).to.contain(
        `${slice.slice} ${slice.metric} ${slice.n} ${formatDifference(slice.difference)} ${interval}`,
      );
    }
    const { dataset, promptDigest, evidenceDigest, adapter } = rejected.record;
    for (const digest of [dataset!.digest, promptDigest!, evidenceDigest!, adapter!.sha256]) {
      expect(body).to.contain(digest);
    }
    expect(body).to.contain('$0.04 (training $0.03, evaluation $0.0041)');
  });

  it('leaves out what was never reached and says so', () => {
    const { text, elements } = look(renderReport(failedEarly));
    expect(text).to.contain('No gate was reached');
    expect(text).to.contain('Offline quality was not measured');
    expect(text).not.to.contain('Answers on the golden set');
    expect(elements).to.include('dl');
  });

  it('describes every drawing in words', () => {
    const { attributes } = look(renderReport(rolledBack));
    const labels = attributes.filter(([key]) => key === 'aria-label').map(([, value]) => value);
    expect(labels.find((label) => label.startsWith('Canary over time'))).to.contain('>= 200 and failed');
    expect(labels.find((label) => label.startsWith('Loss over training steps'))).to.contain('Last training loss');
  });

  it('draws charts of one point, of nothing and of equal scores', () => {
    const look1 = promoted.canary!.looks.slice(0, 1);
    const metrics = [{ metric: 'm', challenger: [1, 1], champion: [1, 1], baseline: [] }];
    const page = renderReport({
      ...promoted,
      canary: { looks: look1 },
      evaluation: {
        metrics,
        slices: [],
        cases: [{ ...promoted.evaluation!.cases[0]!, challengerScore: 1, championScore: 1 }],
      },
      training: { loss: [{ step: 1, value: 2 }], validationLoss: [], learningRate: [] },
    });
    expect(page).not.to.contain('NaN');
    expect(look(page).text).to.contain('No case scores lower than with the champion.');
  });
});

describe('renderOverview', () => {
  it('lists the releases in order with their ends, and links to their reports', () => {
    const { text, attributes } = look(overview([rolledBack, promoted, first]));
    expect(text).to.contain('3 releases: 2 promoted, 1 rolled back; support-assistant-r2 serves users.');
    const order = [
      'support-assistant-r1 Promoted',
      'support-assistant-r2 Promoted',
      'support-assistant-r3 Rolled back',
    ];
    const places = order.map((part) => text.indexOf(part));
    expect(places).to.deep.equal(places.toSorted((one, other) => one - other));
    expect(Math.min(...places)).to.be.above(0);
    expect(attributes.filter(([key, value]) => key === 'href' && value === 'report.html')).to.have.length(6);
    expect(text).to.contain('a fault was injected');
  });

  it('escapes, links to nothing that runs, and works without releases', () => {
    const bad = look(overview([poisoned(promoted)], 'javascript:alert(1)'));
    expect(bad.elements).not.to.include('script');
    expect(bad.elements).not.to.include('img');
    expect(bad.elements).not.to.include('a');
    expect(look(overview([])).text).to.contain('0 releases: none; no release serves users.');
  });
});
