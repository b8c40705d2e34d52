import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { stalePrices } from '../../src/domain/price-age.js';
import { parsed } from '../settings.js';
import { costSheet } from './cost-sheet.js';
import { pricesOf, pricesSchema, teamsSchema } from './inputs.js';
import { renderCosts } from './render.js';

const own = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Prints what teams of each size pay a month: a table of Markdown, or with `--json` every line. Exits 2 where it can't. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { prices: { type: 'string' }, teams: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const read = async (path: string) => ({ path, content: parse(await readFile(path, 'utf8')) as unknown });
  const priceFile = parsed({ schema: pricesSchema, ...(await read(values.prices ?? own('prices.yaml'))) });
  const teams = parsed({ schema: teamsSchema, ...(await read(values.teams ?? own('teams.yaml'))) });
  const prices = pricesOf(priceFile);
  const sheets = Object.fromEntries(Object.entries(teams).map(([name, team]) => [name, costSheet({ team, prices })]));
  const { enteredOn, region } = priceFile;
  const warning = stalePrices({ enteredOn, now: new Date().toISOString() });
  if (warning !== null) process.stderr.write(`cost: prices ${warning}; check each against its page\n`);
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ enteredOn, region, warning, sheets })}\n`
      : `${renderCosts({ teams, priceFile })}\n\nPrices of ${region} as entered on ${enteredOn}; they change, check them first.\n`,
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`cost: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
