import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { parse } from 'yaml';
import { readSettings } from '../../settings.js';
import { installation } from '../lib/installation.js';

/** `cdk synth -c settings=<file>`; without one, the example's, so that a synthesis needs nothing. */
const named = new App().node.tryGetContext('settings') as string | undefined;
const path = named ?? '../settings.example.yaml';
const settings = readSettings({ path, content: parse(readFileSync(path, 'utf8')) });
installation({ settings }).app.synth();
