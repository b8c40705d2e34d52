import { App } from 'aws-cdk-lib';
import type { Settings } from '../../settings.js';
import type { SmallSettings } from '../../small-settings.js';
import { checkAll } from './checks.js';
import { SmallStack } from './small-stack.js';
import { addStacks, type Stacks } from './stacks.js';

/** How CDK makes what it makes, in its present way; the same in commands and in tests. */
const features = {
  '@aws-cdk/core:enablePartitionLiterals': true,
  // What a stack gives to another can't be taken away while that one uses it.
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
  '@aws-cdk/aws-s3:createDefaultLoggingPolicy': true,
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/aws-iam:importedRoleStackSafeDefaultPolicyName': true,
};

/** An application of CDK without stacks; one a process, since each writes its stacks at the end. */
export const openApp = ({ outdir }: { outdir?: string } = {}): App =>
  new App({ postCliContext: features, ...(outdir === undefined ? {} : { outdir }) });

/** Puts an installation into an application: nothing is looked up, so that neither an account nor a network is needed. */
export function addInstallation({ app, settings }: { app: App; settings: Settings }): Stacks {
  const stacks = addStacks({ app, settings });
  checkAll({ app });
  return stacks;
}

/** Puts the small deployment into an application. */
export function addSmall({ app, settings }: { app: App; settings: SmallSettings }): SmallStack {
  const stack = new SmallStack(app, settings);
  checkAll({ app });
  return stack;
}
