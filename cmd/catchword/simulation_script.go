package main

// The cast of the founding chat. All of these people are made up, and so are their libraries.

var castMembers = []castMember{
	{"nhs", "Priya Nair"},        // outreach librarian at a teaching hospital
	{"nhs", "Tom Ashworth"},      // clinical librarian, who types too fast
	{"nhs", "Marged Pugh"},       // manages a health board's libraries, and is the host
	{"nhs", "Eleanor Finch"},     // knowledge specialist in a mental health trust
	{"nhs", "Kofi Mensah"},       // trainee, in the chair since June
	{"nhs", "Ruth Calder"},       // patient information at a children's hospital
	{"public", "Janet Oyelaran"}, // health and wellbeing lead of a county's libraries
	{"public", "Dev Chaudhuri"},  // manages the library of a market town
	{"public", "Moira Kerr"},     // reader development
	{"public", "Bev Ormerod"},    // library assistant, keeps the books on prescription
	{"public", "Alun Price"},     // drives the mobile library
}

// castHost is the cast member who is the host of every rehearsed chat.
const castHost = "Marged Pugh"

// foundingScript is the script for the founding chat: after which step, how many seconds of chat time later, who, how,
// and what happens to the message.
var foundingScript = []scriptedMessage{
	{"introductions", 15, "Priya Nair", inThread, "Evening all! Priya, outreach librarian at a teaching hospital up north. Tea in hand.", nil},
	{"introductions", 35, "Janet Oyelaran", inThread, "Hello from the other side of the fence: Janet, health and wellbeing lead for a county library service. First one of these for me.", []followUp{
		{40, "Marged Pugh", actionReact, "👋"}, {55, "Priya Nair", actionReact, "👋"},
	}},
	{"introductions", 60, "Tom Ashworth", inThread, "Tom, clincal librarian, on the train home, so bear with me in the tunnels", []followUp{
		{30, "Tom Ashworth", actionEdit, "Tom, clinical librarian, on the train home, so bear with me in the tunnels"},
	}},
	{"introductions", 85, "Dev Chaudhuri", inThread, "Dev here, I look after a market town library. We have a GP surgery upstairs, so this one is close to home!", nil},
	{"introductions", 110, "Marged Pugh", inThread, "Noswaith dda, Marged, I manage the libraries of a health board. Listening more than talking tonight, probably. (Nobody who knows me believes that.)", nil},
	{"introductions", 140, "Bev Ormerod", inThread, "Bev, library assistant, keeper of the books on prescription 📚", nil},
	{"introductions", 170, "Kofi Mensah", untagged, "Kofi, graduate trainee since June. Be gentle.", []followUp{{30, "Ruth Calder", actionReact, "❤️"}}},
	{"introductions", 200, "Alun Price", withHashtag, "Alun, I drive the mobile library round the valleys. Just parked up. #ukmedlibs", nil},
	{"introductions", 215, "Moira Kerr", offTopic, "Has anybody got the key to the big meeting room for Thursday?", nil}, // not of the chat, and so neither passed on nor kept
	{"introductions", 240, "Eleanor Finch", inThread, "Eleanor, knowledge specialist in a mental health trust. Hello Bev, we should talk!", nil},

	{"q1", 25, "Priya Nair", inThread, "Yes! We have a shelf in the central library next to theirs, and a librarian of ours sits there every other Wednesday to show people NHS Choices.", []followUp{
		{60, "Dev Chaudhuri", actionReact, "👍"}, {75, "Tom Ashworth", actionReact, "👍"}, {90, "Kofi Mensah", actionReact, "💡"},
	}},
	{"q1", 55, "Dev Chaudhuri", inThread, "Only by accident: patients come down from the surgery with a diagnosis on a sticky note and ask us to spell it.", []followUp{
		{45, "Ruth Calder", actionReact, "😂"}, {60, "Eleanor Finch", actionReact, "❤️"},
	}},
	{"q1", 85, "Tom Ashworth", withTag, "A1: not yet. The barrier is dull: their network blocks our catalogue and our firewall blocks theirs.", nil},
	{"q1", 120, "Bev Ormerod", withTag, "A1 We do the books on prescription with two practices. No hospital has ever rung us. Would love one to.", []followUp{
		{40, "Eleanor Finch", actionReact, "👍"},
	}},
	{"q1", 160, "Eleanor Finch", untagged, "Bev, consider yourself rung. Our occupational therapists hand out that list and never know which branch has it.", nil},
	{"q1", 200, "Janet Oyelaran", inThread, "In patches. It works wherever two people happened to meet at a training day, and stops when one of them moves on.", []followUp{
		{70, "Marged Pugh", actionReact, "👏"},
	}},
	{"q1", 240, "Kofi Mensah", inThread, "Honest question from the new boy: who pays for the shelf, them or you?", nil},
	{"q1", 290, "Priya Nair", inThread, "Kofi: nobody. It was going spare. Half of partnership is furniture.", []followUp{
		{50, "Janet Oyelaran", actionReact, "😂"}, {60, "Kofi Mensah", actionReact, "👍"},
	}},
	{"q1", 350, "Ruth Calder", inThread, "My manager says we are not insured to lend to the public and frankly I think that is nonsense", []followUp{
		{60, "Ruth Calder", actionDelete, ""},
	}},
	{"q1", 430, "Alun Price", inThread, "I carry leaflets for the diabetes nurse. The van goes where the clinic doesn't.", []followUp{{50, "Priya Nair", actionReact, "👏"}}},

	{"q2", 30, "Marged Pugh", inThread, "It gives me a paragraph to put in front of my board, which is more than I had in June.", nil},
	{"q2", 70, "Moira Kerr", inThread, "I'd never heard of it until tonight, which may be an answer in itself. Is there a two-page version for councillors?", []followUp{
		{40, "Janet Oyelaran", actionReact, "👍"}, {50, "Tom Ashworth", actionReact, "👍"},
	}},
	{"q2", 110, "Tom Ashworth", untagged, "It'll solidify what already exists. It won't introduce anybody to anybody.", nil},
	{"q2", 150, "Janet Oyelaran", withTag, "A2. It helps that it names us. Frameworks of ours have named you since forever, so it's good to be asked back.", nil},
	{"q2", 200, "Ruth Calder", inThread, "Moira, there's a postcard. I'll bring you a stack of them.", []followUp{{45, "Moira Kerr", actionReact, "❤️"}}},
	{"q2", 260, "Kofi Mensah", withTag, "Q2: depends whether anyone measures it? We count loans. Nobody counts the hand you held.", []followUp{
		{40, "Dev Chaudhuri", actionReact, "💡"}, {55, "Marged Pugh", actionReact, "❤️"},
	}},
	{"q2", 320, "Dev Chaudhuri", withHashtag, "Could we agree one joint number between us? Even a silly one? #ukmedlibs", nil},
	{"q2", 390, "Eleanor Finch", inThread, "Dev, number of people who left with somewhere to go next. That's the one I would sign.", []followUp{
		{40, "Dev Chaudhuri", actionReact, "👏"},
	}},

	{"q3", 30, "Bev Ormerod", inThread, "Able, yes. Confident, not always. I'm happy to find the leaflet and terrified of being asked what it means.", []followUp{
		{50, "Ruth Calder", actionReact, "❤️"}, {65, "Priya Nair", actionReact, "❤️"},
	}},
	{"q3", 75, "Ruth Calder", inThread, "So are our junior doctors, Bev. Finding it and explaining it are two jobs, and yours is the first.", []followUp{
		{45, "Bev Ormerod", actionReact, "😊"},
	}},
	{"q3", 100, "Moira Kerr", offTopic, "!catchword where", nil},
	{"q3", 120, "Alun Price", withTag, "A3: people tell the van driver what they don't tell the doctor. Give me three good websites on a card and I'll do the rest", []followUp{
		{30, "Alun Price", actionEdit, "A3: people tell the van driver what they don't tell the doctor. Give me three good websites on a card, in large print, and I'll do the rest"},
		{80, "Kofi Mensah", actionReact, "👍"},
	}},
	{"q3", 170, "Tom Ashworth", untagged, "We could write that card this week. Kofi?", nil},
	{"q3", 205, "Kofi Mensah", untagged, "On it. In Welsh too if Marged checks my mutations.", []followUp{{40, "Marged Pugh", actionReact, "😂"}}},
	{"q3", 260, "Moira Kerr", inThread, "“Coordinated” is doing a lot of work in that sentence. Right now one patient gets four different leaflets about one knee.", []followUp{
		{50, "Priya Nair", actionReact, "👍"},
	}},
	{"q3", 330, "Eleanor Finch", inThread, "For mental health I'd start with the reading lists: same list on the ward, in the surgery and in the branch, and the same cover so people recognise it.", nil},
	{"q3", 410, "Janet Oyelaran", inThread, "Yes please to training together. We have the rooms, you have the enquiries.", nil},

	{"q4", 30, "Priya Nair", inThread, "Half-day swap: one of ours on your enquiry desk, one of yours on a ward round with the trolley.", []followUp{
		{40, "Dev Chaudhuri", actionReact, "👍"}, {50, "Bev Ormerod", actionReact, "👍"},
	}},
	{"q4", 70, "Dev Chaudhuri", inThread, "I would pay to see Bev on a ward round.", []followUp{{35, "Bev Ormerod", actionReact, "😂"}}},
	{"q4", 115, "Marged Pugh", withTag, "A4: we can check what you put on the shelf. An evidence service for the health offer: send us the list, and we tell you what has aged.", []followUp{
		{60, "Janet Oyelaran", actionReact, "💡"},
	}},
	{"q4", 165, "Janet Oyelaran", inThread, "Marged, that would be gold. We withdrew three diet books last month on nothing but a bad feeling.", nil},
	{"q4", 200, castHost, offTopic, "!catchword extend 2m", nil},
	{"q4", 220, "Tom Ashworth", untagged, "And a phone number. Ours answers until eight. It rings twice a week.", nil},
	{"q4", 270, "Moira Kerr", withHashtag, "Come to our reading groups! Ask a librarian from the hospital to choose the book one month. #ukmedlibs", []followUp{
		{45, "Eleanor Finch", actionReact, "👍"},
	}},
	{"q4", 330, "Ruth Calder", inThread, "Storytime in the outpatients' waiting room. Their storyteller, our waiting room, everybody's germs.", []followUp{
		{40, "Moira Kerr", actionReact, "😂"}, {55, "Kofi Mensah", actionReact, "❤️"},
	}},

	{"q5", 25, "Janet Oyelaran", inThread, "Tip: start with one thing that has a date on it. Ours was a stall in Health Information Week, with biscuits.", nil},
	{"q5", 60, "Eleanor Finch", inThread, "Barrier: two data protection officers. Overcome by putting them in one room, with the same biscuits.", []followUp{
		{40, "Janet Oyelaran", actionReact, "😂"}, {50, "Tom Ashworth", actionReact, "👏"},
	}},
	{"q5", 105, "Bev Ormerod", withTag, "A5 Learn each other's words. I thought CPD was a bus company.", []followUp{{45, "Kofi Mensah", actionReact, "😂"}}},
	{"q5", 150, "Kofi Mensah", inThread, "Project: the three-website card. Draft by Friday, who wants it?", []followUp{
		{30, "Alun Price", actionReact, "🙋"}, {45, "Bev Ormerod", actionReact, "🙋"},
	}},
	{"q5", 195, "Alun Price", inThread, "Me. Two hundred of them, the van has a rack.", nil},
	{"q5", 250, "Priya Nair", untagged, "Write it down, whatever you agree. Our shelf outlived three managers because it was on one sheet of A4 paper.", []followUp{
		{50, "Marged Pugh", actionReact, "👍"},
	}},
	{"q5", 330, "Moira Kerr", inThread, "Swap email addresses tonight, not “sometime”. I have five new ones already.", nil},
	{"q5", 420, "Dev Chaudhuri", inThread, "Barrier: nobody ever told my staff that they were allowed to ring a hospital library. I'm telling them tomorrow.", []followUp{
		{60, "Priya Nair", actionReact, "❤️"},
	}},

	{"last-call", 40, "Tom Ashworth", inThread, "Going into the last tunnel. Best hour of the week, thank you both sides.", nil},
	{"last-call", 110, "Marged Pugh", inThread, "I said I'd listen more than talk. Sorry. Nos da, all.", []followUp{{40, "Alun Price", actionReact, "👋"}}},
	{"closing", 45, "Janet Oyelaran", inThread, "Thank you for having us. Same time next month, and I'll bring two colleagues.", nil},
	{"q5", 950, "Ruth Calder", inThread, "Late, sorry, it was bath time. Tip: find the person in the other place who also says yes too often.", nil},
}
