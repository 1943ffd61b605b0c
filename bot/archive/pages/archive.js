// Search and filters. Everything is there to be read without this: it hides what was not asked for, and nothing else.
'use strict';

(function () {
  const answers = document.querySelectorAll('.answer');
  const chats = document.querySelectorAll('li.chat');
  if (answers.length > 1) answerFilters();
  if (chats.length > 5) chatFilter();

  function answerFilters() {
    const people = new Map();
    const workspaces = new Set();
    for (const a of answers) {
      workspaces.add(a.dataset.workspace);
      if (a.dataset.person) people.set(a.dataset.person, a.querySelector('.author').textContent);
    }
    const sections = new Map();
    for (const s of document.querySelectorAll('#answers > section.part')) {
      const label = s.querySelector('h2 .label') || s.querySelector('h2');
      if (s.querySelector('.answer')) sections.set(s.id, label.textContent);
    }
    const form = document.createElement('form');
    form.className = 'filters';
    form.setAttribute('role', 'search');
    form.setAttribute('aria-label', 'Search the answers');
    form.addEventListener('submit', (event) => event.preventDefault());
    const words = field(form, 'Words', 'input');
    words.type = 'search';
    const person = choice(form, 'Person', [...people].sort((a, b) => a[1].localeCompare(b[1])));
    const workspace = choice(form, 'Workspace', [...workspaces].sort().map((w) => [w, w]));
    const section = choice(form, 'Part', [...sections]);
    const status = found(form);
    document.getElementById('answers').before(form);

    const texts = new Map();
    for (const a of answers) texts.set(a, folded(a.textContent));
    form.addEventListener('input', () => {
      const wanted = folded(words.value).split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const a of answers) {
        const show = wanted.every((w) => texts.get(a).includes(w)) &&
          (!person.value || a.dataset.person === person.value) &&
          (!workspace.value || a.dataset.workspace === workspace.value) &&
          (!section.value || a.closest('section.part').id === section.value);
        a.hidden = !show;
        if (show) shown++;
      }
      const asked = wanted.length > 0 || person.value || workspace.value || section.value;
      for (const s of document.querySelectorAll('#answers > section.part')) {
        s.hidden = Boolean(asked) && !s.querySelector('.answer:not([hidden])');
      }
      status.textContent = asked ? shown + ' of ' + answers.length + ' answers on this page' : '';
    });
  }

  function chatFilter() {
    const form = document.createElement('form');
    form.className = 'filters';
    form.setAttribute('role', 'search');
    form.setAttribute('aria-label', 'Search the chats');
    form.addEventListener('submit', (event) => event.preventDefault());
    const words = field(form, 'Words', 'input');
    words.type = 'search';
    const status = found(form);
    document.getElementById('chats').before(form);
    form.addEventListener('input', () => {
      const wanted = folded(words.value).split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const c of chats) {
        const text = folded(c.textContent);
        c.hidden = !wanted.every((w) => text.includes(w));
        if (!c.hidden) shown++;
      }
      for (const y of document.querySelectorAll('section.year')) y.hidden = !y.querySelector('li.chat:not([hidden])');
      status.textContent = wanted.length ? shown + ' of ' + chats.length + ' chats' : '';
    });
  }

  // folded is a text as people search for it: without capitals and accents.
  function folded(text) {
    return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  }

  function field(form, name, element) {
    const label = document.createElement('label');
    label.append(name);
    const control = document.createElement(element);
    label.append(control);
    form.append(label);
    return control;
  }

  // choice is a list to choose from, left out of the page where there is nothing to choose.
  function choice(form, name, options) {
    if (options.length < 2) return { value: '' };
    const select = field(form, name, 'select');
    select.append(new Option('All', ''));
    for (const [value, label] of options) select.append(new Option(label, value));
    return select;
  }

  function found(form) {
    const status = document.createElement('p');
    status.className = 'found';
    status.setAttribute('role', 'status');
    form.append(status);
    return status;
  }
})();
