/** Judges on the event loop, as soon as somebody asks. */
export { checkHere } from '../../src/app/offline/check-here.ts';
