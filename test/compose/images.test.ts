import { access, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { rubricFolder } from '../../src/adapters/rubric-files/rubric-files.js';
import { findHadolint } from '../support/hadolint.js';
import { readText, root } from './support/compose-files.js';

const folder = 'infra/images';

describe('the images', function () {
  this.timeout(150_000);
  let names: string[];
  before(async () => {
    names = await readdir(join(root, folder));
    expect(names).to.include.members(['mlflow', 'training', 'understudy', 'vllm']);
  });
  const dockerfileOf = (name: string): Promise<string> => readText(`${folder}/${name}/Dockerfile`);

  it('please hadolint', async function () {
    const hadolint = await findHadolint();
    if (hadolint === null) return this.skip();
    const files = names.map((name) => `${folder}/${name}/Dockerfile`);
    const { exitCode, stdout } = await execa(hadolint, ['--no-color', ...files], { cwd: root, reject: false });
    expect(exitCode, stdout).to.equal(0);
  });

  it('run as a user without rights, but for SageMaker, whose folders belong to root', async () => {
    for (const name of names) {
      const stages = (await dockerfileOf(name)).split(/^(?=FROM )/m).filter((part) => part.startsWith('FROM '));
      const users = stages.map((stage) => [...stage.matchAll(/^USER (\S+)$/gm)].at(-1)?.[1] ?? null);
      const last = users.at(-1);
      if (name === 'training') expect(users.slice(-2)).to.deep.equal(['1000', '0']);
      else expect(last, name).to.equal('1000');
    }
  });

  it('begin from pinned versions and hold no secret', async () => {
    for (const name of names) {
      const text = await dockerfileOf(name);
      const stages = new Set([...text.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, stage]) => stage));
      for (const [, from] of text.matchAll(/^FROM (\S+)/gm))
        if (!stages.has(from)) expect(from, name).to.match(/:v?\d+\.\d+\.\d+[\w.-]*$|@sha256:[0-9a-f]{64}$/);
      expect(text, name).not.to.match(/^(?:ENV|ARG) .*(?:PASSWORD|SECRET|TOKEN|API_KEY)/m);
      expect(text, name).not.to.match(/^ADD /m);
      for (const [, packages] of text.matchAll(/pip install ([^\n]*(?:\\\n[^\n]*)*)/g))
        expect(packages, name).to.contain('--require-hashes');
    }
  });

  it('say how their health is seen, or that nobody is to look', async () => {
    for (const name of names) expect(await dockerfileOf(name), name).to.match(/^HEALTHCHECK /m);
  });

  it('have what judges are asked by where the worker looks for it', async () => {
    expect(await dockerfileOf('understudy')).to.match(new RegExp(`^COPY ${basename(rubricFolder)} `, 'm'));
  });

  it('copy only what is there and not left out of the context', async () => {
    for (const name of names) {
      const text = await dockerfileOf(name);
      const lines = (await readText(`${folder}/${name}/Dockerfile.dockerignore`)).split('\n').filter(Boolean);
      expect(lines[0], name).to.equal('*');
      const kept = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
      for (const [, words] of text.matchAll(/^COPY (?!--from)(.+)$/gm))
        for (const source of words!.split(' ').slice(0, -1)) {
          await access(join(root, source));
          expect(
            kept.some((one) => source === one || source.startsWith(`${one}/`)),
            `${name}: ${source}`,
          ).to.equal(true);
        }
    }
  });
});
