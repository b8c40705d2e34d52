import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { readSmallSettings } from '../../small-settings.js';
import { addSmall, openApp } from '../lib/installation.js';

/** `cdk synth --app 'node --import tsx bin/small.ts' -c settings=<file>`: the gateway on Lambda (docs/lambda.md). */
const app = openApp();
const path = (app.node.tryGetContext('settings') as string | undefined) ?? '../small.example.yaml';
addSmall({ app, settings: readSmallSettings({ path, content: parse(readFileSync(path, 'utf8')) }) });
app.synth();
