import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';
import { parse } from 'yaml';
import { costSheet } from '../../infra/cost/cost-sheet.js';
import { type PriceFile, pricesOf, pricesSchema, type Team, teamsSchema } from '../../infra/cost/inputs.js';
import { renderCosts } from '../../infra/cost/render.js';
import { createTemporary } from './support/temporary.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const yaml = async (path: string): Promise<unknown> => parse(await readFile(`${root}/${path}`, 'utf8'));

describe('the cost sheet', () => {
  let priceFile: PriceFile;
  let teams: Record<string, Team>;
  before(async () => {
    priceFile = pricesSchema.parse(await yaml('infra/cost/prices.yaml'));
    teams = teamsSchema.parse(await yaml('infra/cost/teams.yaml'));
  });
  const costOf = (team: Team, what: string): number =>
    costSheet({ team, prices: pricesOf(priceFile) }).find((line) => line.what === what)!.usd;

  it('is the one that the documentation shows', async () => {
    const text = await readFile(`${root}/docs/cost.md`, 'utf8');
    const shown = /<!-- costs -->\s*([^]*?)\s*<!-- \/costs -->/.exec(text)![1]!;
    const cells = (table: string) => table.split('\n').map((row) => row.split('|').map((cell) => cell.trim()));
    const [, , ...rows] = cells(renderCosts({ teams, priceFile }));
    expect(cells(shown).slice(2), 'run "npm run cost" and put its table into docs/cost.md').to.deep.equal(rows);
  });

  it('adds up what a month of nodes costs, by hand', () => {
    // 3 nodes x 730 hours x 0.8048 dollars x 1.12 of Auto Mode.
    expect(costOf(teams.small!, 'GPU nodes')).to.be.closeTo(1974.02, 0.01);
    // 40 releases x 6 hours x 1.515 dollars x 0.4 on spot.
    expect(costOf(teams.large!, 'training on spot')).to.be.closeTo(145.44, 0.01);
    // 2 gateways: 2 writes a second for a model, 2 of limits, one of the log every 3 s; 5 dollars a million.
    expect(costOf(teams.small!, 'writes of the gateways')).to.be.closeTo(
      (2 * (2 + 2 + 1 / 3) * 2_628_000 * 5) / 1e6,
      0.01,
    );
  });

  it('costs more with more of everything, and nothing but the fixed parts with nothing', () => {
    const total = (team: Team) =>
      costSheet({ team, prices: pricesOf(priceFile) }).reduce((sum, { usd }) => sum + usd, 0);
    for (const name of Object.keys(teams.small!) as (keyof Team)[])
      expect(total({ ...teams.small!, [name]: teams.small![name] + 1 }), name).to.be.greaterThan(total(teams.small!));
    const none = Object.fromEntries(Object.keys(teams.small!).map((name) => [name, 0])) as Team;
    expect(total(none)).to.be.within(150, 300);
  });

  it('names the page of each price, and the day it was entered', () => {
    expect(priceFile.enteredOn).to.match(/^\d{4}-\d{2}-\d{2}$/);
    for (const [name, { source }] of Object.entries(priceFile.prices)) expect(source, name).to.match(/^https:\/\//);
  });

  it('takes prices of your own, and refuses a table that lacks one', async () => {
    const run = (path: string) =>
      execa('node', ['--import', 'tsx', 'infra/cost/main.ts', '--json', '--prices', path], {
        cwd: root,
        reject: false,
      });
    const dear = {
      ...priceFile,
      enteredOn: '2020-01-01',
      prices: { ...priceFile.prices, eksClusterHour: { usd: 1, source: 'https://example.com/' } },
    };
    const mine = await createTemporary({ name: 'prices.yaml', content: JSON.stringify(dear) });
    const { stdout, stderr: told } = await run(mine.path);
    const { sheets, warning } = JSON.parse(stdout) as {
      sheets: { small: { what: string; usd: number }[] };
      warning: string | null;
    };
    expect(told).to.include('entered on 2020-01-01').and.to.include('days ago > 180');
    expect(warning).to.include('entered on 2020-01-01');
    expect(sheets.small.find(({ what }) => what === 'control plane of EKS')!.usd).to.equal(730);
    await mine.remove();
    const { eksClusterHour: left, ...fewer } = priceFile.prices;
    expect(left.usd).to.be.greaterThan(0);
    const broken = await createTemporary({
      name: 'prices.yaml',
      content: JSON.stringify({ ...priceFile, prices: fewer }),
    });
    const { exitCode, stderr } = await run(broken.path);
    expect(exitCode).to.equal(2);
    expect(stderr).to.include('prices.eksClusterHour');
    await broken.remove();
  }).timeout(60_000);
});
