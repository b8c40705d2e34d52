import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';

const folder = fileURLToPath(new URL('../../infra/cdk', import.meta.url));
const installMilliseconds = 150_000;

/** The version of CDK that is installed beside the stacks, and the one that they ask for. */
async function versions(): Promise<{ asked: string; installed: string | null }> {
  const versionIn = async (path: string) => JSON.parse(await readFile(join(folder, path), 'utf8')) as PackageFile;
  const { dependencies } = await versionIn('package.json');
  const installed = join('node_modules', 'aws-cdk-lib', 'package.json');
  return {
    asked: dependencies!['aws-cdk-lib']!,
    installed: existsSync(join(folder, installed)) ? (await versionIn(installed)).version : null,
  };
}

interface PackageFile {
  version: string;
  dependencies?: Record<string, string>;
}

/** CDK is 190 MB that only these tests need, so that it is no package of the product's own installation. */
async function install(): Promise<boolean> {
  const { asked, installed } = await versions();
  if (asked === installed) return true;
  try {
    await execa('npm', ['ci', '--omit=dev'], { cwd: folder, timeout: installMilliseconds });
    return true;
  } catch (error) {
    process.stderr.write(`NO AWS CDK HERE, its tests are skipped: ${String(error).split('\n')[0]}\n`);
    return false;
  }
}

describe('the stacks of AWS', function () {
  this.timeout(300_000);

  it('synthesise offline, pass the rules of cdk-nag and their own tests', async function () {
    if (!(await install())) return this.skip();
    const { exitCode, all } = await execa('npm', ['test', '--silent'], { cwd: folder, reject: false, all: true });
    expect(exitCode, all).to.equal(0);
    expect(all).to.match(/\d+ passing/);
  });
});
