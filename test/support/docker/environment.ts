// The location of the unpacked Docker, and the environment of its programs.

import { delimiter, join } from 'node:path';

/**
 * The directory of the unpacked packages, set by the suite.
 *
 * @throws Error outside the suite
 */
export function dockerTree(): string {
  const tree = process.env['DMTS_DOCKER'];
  if (!tree) throw new Error('DMTS_DOCKER is not set; start these tests with npm run test:docker');
  return tree;
}

/** The environment in which Docker's programs find each other and their libraries, not those of the machine. */
export function dockerEnvironment(tree: string = dockerTree()): Readonly<Record<string, string>> {
  const programs = ['usr/sbin', 'usr/bin', 'sbin', 'bin'].map((name) => join(tree, name));
  const libraries = ['usr/lib', 'lib'].map((name) => join(tree, name, 'x86_64-linux-gnu'));
  return {
    PATH: [...programs, process.env['PATH'] ?? ''].join(delimiter),
    LD_LIBRARY_PATH: libraries.join(delimiter),
    DOCKER_CONFIG: '/run/dmts/docker-client',
    // The classic builder: the other one needs a program that Debian does not ship.
    DOCKER_BUILDKIT: '0',
  };
}
