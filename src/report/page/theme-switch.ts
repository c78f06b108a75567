// Light and dark: as the system has it, unless the reader chose; always light on paper.

/** Makes the button work. `onChange` is called now, and whenever the theme changes. */
export function themeSwitch(onChange: () => void): void {
  const root = document.documentElement;
  const button = document.getElementById('theme') as HTMLButtonElement;
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  let printing = false;
  const isDark = (): boolean => {
    if (printing) return false;
    const chosen = root.getAttribute('data-theme');
    return chosen === null ? prefersDark.matches : chosen === 'dark';
  };
  const show = (): void => {
    button.textContent = isDark() ? 'Light' : 'Dark';
    button.setAttribute('aria-label', isDark() ? 'Switch to the light theme' : 'Switch to the dark theme');
    onChange();
  };
  const print = (isPrinting: boolean): void => {
    printing = isPrinting;
    onChange();
  };
  button.hidden = false;
  button.addEventListener('click', () => {
    root.setAttribute('data-theme', isDark() ? 'light' : 'dark');
    show();
  });
  prefersDark.addEventListener('change', show);
  addEventListener('beforeprint', () => print(true));
  addEventListener('afterprint', () => print(false));
  show();
}
