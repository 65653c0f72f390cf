import test from 'ava';
import { aptPercent, showProgress } from '../../../vm/progress.ts';

function recorder(isTTY: boolean) {
  const written: string[] = [];
  return {
    written,
    stream: { isTTY, write: (text: string) => written.push(text) > 0 },
  };
}

test('without a terminal: a line at the start, every five seconds and at the end', (t) => {
  const { written, stream } = recorder(false);
  let time = 0;
  const progress = showProgress('Downloading x', stream, () => time);
  for (; time <= 12_000; time += 500) progress.update(time / 120);
  progress.done();
  progress.update(100);
  progress[Symbol.dispose]();
  t.deepEqual(written, [
    'Downloading x...\n',
    'Downloading x: 42%\n',
    'Downloading x: 83%\n',
    'Downloading x: done\n',
  ]);
});

test('failed work is not reported as done', (t) => {
  const { written, stream } = recorder(false);
  showProgress('x', stream)[Symbol.dispose]();
  t.deepEqual(written, ['x...\n']);
});

test('on a terminal a bar is redrawn in place and removed', (t) => {
  const { written, stream } = recorder(true);
  let time = 0;
  const progress = showProgress('x', stream, () => time);
  time = 1000;
  progress.update(50);
  progress[Symbol.dispose]();
  t.is(written[1], `\r\x1b[Kx [${'#'.repeat(15)}${'.'.repeat(15)}] 50%`);
  t.is(written.at(-1), '\r\x1b[K');
});

test('the status lines of apt', (t) => {
  t.is(aptPercent('dlstatus:1:42.5:Retrieving file 1 of 2'), 42.5);
  t.is(aptPercent('pmstatus:cpio:80:Configuring cpio (amd64)'), 80);
  t.is(aptPercent('pmerror:cpio:80:no'), undefined);
  t.is(aptPercent(''), undefined);
});
