// Search and filters. The pages are complete without this script.
'use strict';

(function () {
  const answers = document.querySelectorAll('.answer');
  const chats = document.querySelectorAll('li.chat');
  if (answers.length > 1) answerFilters();
  if (chats.length > 5) chatFilter();

  function answerFilters() {
    const home = document.getElementById('answers');
    const form = document.createElement('form');
    form.className = 'filters';
    form.setAttribute('role', 'search');
    form.setAttribute('aria-label', 'Search the answers');
    form.addEventListener('submit', (event) => event.preventDefault());
    const words = field(form, 'Words', 'input');
    words.type = 'search';
    const person = choice(form, 'Person');
    const workspace = choice(form, 'Workspace');
    const part = choice(form, 'Part');
    const status = found(form);
    const list = document.createElement('ol');
    list.className = 'elsewhere';
    list.setAttribute('aria-label', 'Found on other pages');
    list.hidden = true;
    home.before(form, list);

    const here = [...answers].map((a) => ({
      element: a, person: a.dataset.person, workspace: a.dataset.workspace, part: a.dataset.part, text: folded(a.textContent),
    }));
    for (const a of answers) offer(a.dataset.person, a.dataset.person && a.querySelector('.author').textContent, a.dataset.workspace, a.dataset.part);
    const elsewhere = [];
    let unread = Number(home.dataset.search || 0);
    let began = unread === 0;
    form.addEventListener('focusin', begin);
    form.addEventListener('input', () => {
      begin();
      show();
    });

    // begin reads the other pages when somebody starts to search.
    function begin() {
      if (!began) read(1);
      began = true;
    }

    function offer(id, name, place, section) {
      if (id) person.offer(id, name);
      workspace.offer(place, place);
      part.offer(section, section);
    }

    // read reads the other pages, file by file.
    function read(n) {
      if (n > Number(home.dataset.search)) return;
      const script = document.createElement('script');
      script.src = 'search-' + n + '.js';
      script.onload = () => {
        unread--;
        script.remove();
        show();
        read(n + 1);
      };
      script.onerror = () => {
        unread = 0;
        show();
      };
      window.catchword = (all) => {
        for (const [page, id, who, name, place, section, at, text] of all) {
          if (document.getElementById(id)) continue;
          elsewhere.push({ href: page + '#' + id, person: who, workspace: place, part: section, name, at, words: text, text: folded(name + ' ' + text) });
          offer(who, name, place, section);
        }
      };
      document.head.append(script);
    }

    function show() {
      const wanted = folded(words.value).split(/\s+/).filter(Boolean);
      const asked = wanted.length > 0 || person.value || workspace.value || part.value;
      const fits = (a) => wanted.every((w) => a.text.includes(w)) &&
        (!person.value || a.person === person.value) &&
        (!workspace.value || a.workspace === workspace.value) &&
        (!part.value || a.part === part.value);
      let shown = 0;
      for (const a of here) {
        a.element.hidden = !fits(a);
        if (!a.element.hidden) shown++;
      }
      for (const s of document.querySelectorAll('#answers > section.part')) {
        s.hidden = Boolean(asked) && !s.querySelector('.answer:not([hidden])');
      }
      const more = asked ? elsewhere.filter(fits) : [];
      list.replaceChildren(...more.slice(0, 50).map(entry));
      list.hidden = more.length === 0;
      status.textContent = !asked ? '' : shown + ' of ' + here.length + ' answers on this page' +
        (home.dataset.search ? ', ' + more.length + ' on other pages' : '') +
        (more.length > 50 ? ', of which the first 50 are listed' : '') +
        (unread > 0 ? ' so far' : '');
    }

    function entry(a) {
      const item = document.createElement('li');
      const link = document.createElement('a');
      link.href = a.href;
      const name = document.createElement('bdi');
      name.textContent = a.name;
      link.append(name, ', ' + a.at + ', ' + a.part);
      const said = document.createElement('p');
      said.dir = 'auto';
      said.textContent = a.words.length > 200 ? a.words.slice(0, 200) + '…' : a.words;
      item.append(link, said);
      return item;
    }
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
    const where = document.querySelector('.years, .turns') ? ' on this page' : '';
    form.addEventListener('input', () => {
      const wanted = folded(words.value).split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const c of chats) {
        const text = folded(c.textContent);
        c.hidden = !wanted.every((w) => text.includes(w));
        if (!c.hidden) shown++;
      }
      for (const y of document.querySelectorAll('section.year')) y.hidden = !y.querySelector('li.chat:not([hidden])');
      status.textContent = wanted.length ? shown + ' of ' + chats.length + ' chats' + where : '';
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

  // choice is a list to choose from, which is there as soon as there is something to choose.
  function choice(form, name) {
    const options = new Map();
    const select = field(form, name, 'select');
    const label = select.parentElement;
    label.hidden = true;
    select.append(new Option('All', ''));
    return {
      get value() { return select.value; },
      offer(value, text) {
        if (options.has(value)) return;
        const option = new Option(text, value);
        const after = [...options.values()].find((o) => o.text.localeCompare(text, undefined, { numeric: true }) > 0);
        if (after) after.before(option); else select.append(option);
        options.set(value, option);
        label.hidden = options.size < 2;
      },
    };
  }

  function found(form) {
    const status = document.createElement('p');
    status.className = 'found';
    status.setAttribute('role', 'status');
    form.append(status);
    return status;
  }
})();
