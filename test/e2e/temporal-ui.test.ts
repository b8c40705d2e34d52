import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import getPort from 'get-port';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { rolloutMessages } from '../../src/contracts/release.js';
import type { Verdict } from '../../src/domain/release/verdict.js';
import { localEnvironment } from '../support/temporal.js';
import { onStage } from '../workflows/support/stage.js';
import { startRelease, type StartedRelease } from '../workflows/support/started-release.js';
import { ref } from '../workflows/support/world.js';

const executablePath = '/usr/bin/chromium';
const screenshot = fileURLToPath(new URL('../../docs/images/temporal-ui.png', import.meta.url));
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const evidenceDigest = createHash('sha256').update('evidence').digest('hex');
/** How long a page may take to show what it knows, in milliseconds. */
const patience = 30_000;

const passed = (gate: string, reason: string): Verdict => ({
  gate,
  verdict: 'pass',
  reason,
  value: null,
  bound: null,
  limit: null,
  n: 120,
  evidence: null,
});

describe("Temporal's web UI", function () {
  this.timeout(180_000);
  let environment: TestWorkflowEnvironment;
  let browser: BrowserContext;
  let folder: string;
  let uiPort: number;

  before(async function () {
    if (!existsSync(executablePath)) {
      process.stderr.write(
        `\n*** SKIPPED: no ${executablePath}, so nobody looked at the Temporal UI; install it: apt-get install chromium ***\n\n`,
      );
      return this.skip();
    }
    folder = await mkdtemp(join(tmpdir(), 'understudy-ui-'));
    uiPort = await getPort();
    environment = await localEnvironment({ databaseFile: join(folder, 'temporal.db'), uiPort });
    browser = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath,
      args: flags,
      viewport: { width: 1600, height: 1000 },
    });
  });
  after(async () => {
    await browser?.close();
    await environment?.teardown();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** A release that waits for its approval, and a page of the UI. */
  const whileItWaits = (
    model: string,
    play: (waiting: StartedRelease & { page: Page; url: string }) => Promise<void>,
  ) =>
    onStage({
      environment,
      script: { rollout: { approval: { unsigned: true } } },
      activities: {
        decideEvaluation: async () => ({
          verdict: 'pass',
          verdicts: [
            passed('tokenF1 superior', '0.712 against 0.655: better by 0.057, at least 0.031 > 0'),
            passed('tokenF1', 'lower bound 0.681 >= 0.65'),
            passed('refusalRate', '1.7 % <= 5 %'),
          ],
          evidence: ref('evidence.json'),
          evidenceDigest,
        }),
        smokeTest: async () => [passed('smoke: What is the next-day cutoff?', 'the answer contains "14:00"')],
      },
      play: async (set) => {
        const started = await startRelease({ environment, set, model });
        await started.waiting();
        const page = await browser.newPage();
        const url = `http://127.0.0.1:${uiPort}/namespaces/default/workflows`;
        await play({ ...started, page, url }).finally(async () => {
          await page.close();
          await started.rollout.signal(rolloutMessages.abort, { by: 'the test', reason: 'over' });
          await started.handle.result();
        });
      },
    });

  /** Everything that stands on a page; the UI shows Markdown in frames of their own. */
  async function textOf(page: Page): Promise<string> {
    const texts = await Promise.all(page.frames().map((frame) => frame.innerText('body').catch(() => '')));
    return texts.join('\n');
  }

  async function expectShown(page: Page, wanted: (string | RegExp)[]): Promise<void> {
    const missing = (text: string) =>
      wanted.filter((one) => (typeof one === 'string' ? !text.includes(one) : !one.test(text)));
    const deadline = Date.now() + patience;
    let text = await textOf(page);
    while (missing(text).length > 0 && Date.now() < deadline) {
      await page.waitForTimeout(200);
      text = await textOf(page);
    }
    expect(missing(text), text).to.deep.equal([]);
  }

  it('finds a waiting release by its stage', () =>
    whileItWaits('courier-desk', async ({ page, url, input, rollout }) => {
      const query = `\`Release\`="${input.releaseId}" AND Stage="approval"`;
      await page.goto(`${url}?query=${encodeURIComponent(query)}`);
      await expectShown(page, [rollout.workflowId, 'Running']);
      const { runId } = await rollout.describe();
      await page.goto(`${url}/${encodeURIComponent(rollout.workflowId)}/${runId}/search-attributes`);
      await expectShown(page, ['"Stage": "approval"', `"Model": "${input.model}"`, `"Release": "${input.releaseId}"`]);
    }));

  it('says what it waits for, where to answer, and what speaks for it', () =>
    whileItWaits('support-assistant', async ({ page, url, input, rollout }) => {
      const { runId } = await rollout.describe();
      await page.goto(`${url}/${encodeURIComponent(rollout.workflowId)}/${runId}/user-metadata`);
      await expectShown(page, [
        `rollout of ${input.releaseId}`,
        `${input.releaseId}: approval`,
        'Waits for approval of the promotion.',
        `understudy approve ${input.releaseId} --by NAME --digest ${evidenceDigest}`,
        'tokenF1: pass, lower bound 0.681 >= 0.65',
        /smoke: What is the next-day cutoff\?\s+✔ pass\s+the answer contains .14:00./,
      ]);
      // The picture stands in the README: remove it to take a new one.
      if (existsSync(screenshot)) return;
      await mkdir(dirname(screenshot), { recursive: true });
      await page.screenshot({ path: screenshot });
    }));

  it('shows the release itself, with the verdicts of its evaluation and where it goes on', () =>
    whileItWaits('review-summaries', async ({ page, url, input, handle }) => {
      const { runId } = await handle.describe();
      await page.goto(`${url}/${encodeURIComponent(handle.workflowId)}/${runId}/user-metadata`);
      await expectShown(page, [
        `${input.releaseId}: deploy`,
        `Workflow rollout:${input.releaseId} shows the stage and takes the answers.`,
        /tokenF1 superior\s+✔ pass\s+0\.712 against 0\.655/,
      ]);
    }));
});
