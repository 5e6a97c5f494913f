/** Line drawings on a 24 grid; they take the color of the text and say nothing to screen readers. */
const PATHS = {
  upload: 'M12 16V5m0 0L7.5 9.5M12 5l4.5 4.5M5 16v2.5A1.5 1.5 0 0 0 6.5 20h11a1.5 1.5 0 0 0 1.5-1.5V16',
  image:
    'M5 4.5h14A1.5 1.5 0 0 1 20.5 6v12a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18V6A1.5 1.5 0 0 1 5 4.5Zm-1.3 12L9 11.5l4 4 2.5-2 4.8 4M15.5 9.5h.01',
  chevron: 'm8 10 4 4 4-4',
  copy: 'M9 9V5.5A1.5 1.5 0 0 1 10.5 4h8A1.5 1.5 0 0 1 20 5.5v8a1.5 1.5 0 0 1-1.5 1.5H15M5.5 9h8a1.5 1.5 0 0 1 1.5 1.5v8a1.5 1.5 0 0 1-1.5 1.5h-8A1.5 1.5 0 0 1 4 18.5v-8A1.5 1.5 0 0 1 5.5 9Z',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  cross: 'm6.5 6.5 11 11m0-11-11 11',
  alert:
    'M12 8.5v4.5m0 3.200v.1M10.700 4.300 3.300 17.200A1.5 1.5 0 0 0 4.600 19.5h14.800a1.5 1.5 0 0 0 1.300-2.300L13.300 4.300a1.5 1.5 0 0 0-2.600 0Z',
  clock: 'M12 7.5V12l3 2m5.5-2a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0Z',
  pause: 'M9 7v10m6-10v10',
  spark: 'M12 3.5 13.800 10.200 20.5 12l-6.700 1.800L12 20.5l-1.800-6.700L3.5 12l6.700-1.800Z',
  device: 'M6 5h12a1.5 1.5 0 0 1 1.5 1.5V15h-15V6.5A1.5 1.5 0 0 1 6 5ZM3 18.5h18',
  back: 'M19 12H6m0 0 4.500-4.500M6 12l4.500 4.500',
  replay: 'M19.500 12a7.500 7.500 0 1 1-2.300-5.400M19.500 4v4h-4',
  trash: 'M5 7h14M10 7V5h4v2m-7.500 0 .8 12h9.400l.8-12M10.500 10.500v5m3-5v5',
  pencil: 'M5 19l.8-3.600L16 5.200a1.500 1.500 0 0 1 2.100 0l.7.7a1.500 1.500 0 0 1 0 2.100L8.600 18.200Z',
  plus: 'M12 5.500v13M5.500 12h13',
  up: 'm7.500 14 4.500-4.500 4.500 4.500',
  down: 'm7.500 10 4.500 4.500 4.500-4.500',
  arrow: 'M5 12h13m0 0-4.5-4.5M18 12l-4.5 4.5',
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name, size = 18 }: { name: IconName; size?: number }) => (
  <svg
    class="icon"
    viewBox="0 0 24 24"
    width={size}
    height={size}
    fill="none"
    stroke="currentColor"
    stroke-width="1.7"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
    focusable="false"
  >
    <path d={PATHS[name]} />
  </svg>
);
