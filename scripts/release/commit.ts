import { execFileSync } from 'node:child_process';

/** What a build is made from. */
export interface Commit {
  /** Empty where it is not known. */
  readonly revision: string;
  /** The time of everything that is made: seconds since 1970; 0 where it is not known. */
  readonly epochSeconds: number;
}

/**
 * The commit as PLUMBLINE_REVISION and SOURCE_DATE_EPOCH say it (reproducible-builds.org/specs/source-date-epoch), as in the build of the image, where
 * there is no git; what they leave out is asked of the checkout. @throws where SOURCE_DATE_EPOCH is no number of seconds: a build that
 * ignores it would differ from the next one.
 */
export function commitOf(checkout: string, env: NodeJS.ProcessEnv): Commit {
  const [revision, seconds] = [env['PLUMBLINE_REVISION'] ?? '', env['SOURCE_DATE_EPOCH'] ?? ''];
  if (seconds !== '' && !/^\d{1,12}$/.test(seconds)) {
    throw new Error(`SOURCE_DATE_EPOCH is to be seconds since 1970, not ${JSON.stringify(seconds)}`);
  }
  if (revision !== '' && seconds !== '') return { revision, epochSeconds: Number(seconds) };
  const [asked = '', committed = '0'] = lastCommit(checkout);
  // Another commit's time would be a lie: whoever says the revision alone gets none.
  const own = revision === '' || revision === asked ? committed : '0';
  return { revision: revision === '' ? asked : revision, epochSeconds: Number(seconds === '' ? own : seconds) };
}

function lastCommit(checkout: string): readonly string[] {
  try {
    const log = ['log', '-1', '--format=%H %ct'];
    return execFileSync('git', log, { cwd: checkout, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .trim()
      .split(' ');
  } catch {
    return [];
  }
}
