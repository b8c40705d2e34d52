import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BundleOptions, WorkerOptions } from '@temporalio/worker';

/** Where one finds a module of the workflows: compiled, or as it was written. */
function moduleOf(name: string): string {
  const path = fileURLToPath(new URL(`../workflows/${name}.js`, import.meta.url));
  return existsSync(path) ? path : path.replace(/\.js$/, '.ts');
}

/** What every bundle of workflows is made of: `workflows`, the product's where it is left out, and what watches over each. */
export const workflowSource = ({ workflows = moduleOf('index') }: { workflows?: string } = {}): Required<
  Pick<BundleOptions, 'workflowsPath' | 'workflowInterceptorModules'>
> => ({ workflowsPath: workflows, workflowInterceptorModules: [moduleOf('settled-queries')] });

/**
 * The bundle made at build time where there is one, else the sources. What failures are written with is part of it, so
 * that there is one for payloads as they are and one for encrypted ones.
 */
export function workflowCode({
  encrypted,
}: {
  encrypted: boolean;
}): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath' | 'interceptors'> {
  const name = encrypted ? 'workflow-bundle-encrypted' : 'workflow-bundle';
  const bundle = fileURLToPath(new URL(`../${name}.js`, import.meta.url));
  if (existsSync(bundle)) return { workflowBundle: { codePath: bundle } };
  const { workflowsPath, workflowInterceptorModules } = workflowSource();
  return { workflowsPath, interceptors: { workflowModules: workflowInterceptorModules } };
}
